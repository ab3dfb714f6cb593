"""Of LiteLLM what the hooks of examples/gateways/litellm_hooks.py use."""
