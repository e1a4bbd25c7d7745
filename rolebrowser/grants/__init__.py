"""What may they do: PostgreSQL's facts read in a few queries, and every answer computed from them.

The model, the reasons, the comparison and the fixes are pure; `postgres*` and `*_survey` ask the
server. MariaDB's and MySQL's rules are another world and live in `rolebrowser.grants.mysql`.
"""
