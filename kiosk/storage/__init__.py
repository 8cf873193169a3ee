"""The database, SQLite or PostgreSQL: the only home of SQLAlchemy and Alembic."""
