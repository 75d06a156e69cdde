"""Two Django applications over the same tables: one with strawberry-django, one with graphene-django.

They run in environments of their own; nothing else imports them.
"""
