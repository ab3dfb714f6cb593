"""Of FastAPI what the hooks of examples/gateways/litellm_hooks.py use."""


class HTTPException(Exception):
    def __init__(self, status_code, detail=None, headers=None):
        super().__init__(detail)
        self.status_code, self.detail, self.headers = status_code, detail, headers
