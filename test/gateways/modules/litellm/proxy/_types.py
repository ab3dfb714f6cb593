"""Who was authenticated."""


class UserAPIKeyAuth:
    def __init__(self, api_key=None, user_id=None, team_id=None, org_id=None, metadata=None):
        self.api_key, self.user_id, self.team_id, self.org_id, self.metadata = api_key, user_id, team_id, org_id, metadata or {}
