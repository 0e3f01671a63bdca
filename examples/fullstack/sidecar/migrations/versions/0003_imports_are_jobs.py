"""Imports are jobs: the history of jobs has how they go, and here are those that have left orders."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM imports WHERE state != 'done'")
    for column in ("state", "bytes_done", "bytes_total", "message", "started_at", "finished_at"):
        op.drop_column("imports", column)
    op.add_column("imports", sa.Column("job", sa.String(32)))
    op.create_index("ix_imports_job", "imports", ["job"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_imports_job", "imports")
    op.drop_column("imports", "job")
    op.add_column("imports", sa.Column("state", sa.String(16), nullable=False, server_default="done"))
    for column in ("bytes_done", "bytes_total"):
        op.add_column("imports", sa.Column(column, sa.Integer, nullable=False, server_default="0"))
    op.add_column("imports", sa.Column("message", sa.String, nullable=False, server_default=""))
    op.add_column("imports", sa.Column("started_at", sa.DateTime, nullable=False, server_default="2026-01-01 00:00:00"))
    op.add_column("imports", sa.Column("finished_at", sa.DateTime))
