"""Alembic runs this file: it hands over the connection, whose transaction the caller holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
