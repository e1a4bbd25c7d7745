"""Where to: RDS and Aurora found and described, their users, the token, the trust, the route.

Opens no connection: that is `rolebrowser.connection`, which `rolebrowser.connect` joins with this.
"""
