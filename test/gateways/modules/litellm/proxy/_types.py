"""Who was authenticated, and a refusal that goes to the caller as it is."""


class UserAPIKeyAuth:
    def __init__(self, api_key=None, user_id=None, team_id=None, org_id=None, metadata=None):
        self.api_key, self.user_id, self.team_id, self.org_id, self.metadata = api_key, user_id, team_id, org_id, metadata or {}


class ProxyException(Exception):
    def __init__(self, message, type, param, code=None, headers=None):
        super().__init__(message)
        self.message, self.type, self.param, self.code, self.headers = str(message), type, param, str(code), headers or {}
