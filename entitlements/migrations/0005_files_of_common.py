import django.db.models.deletion
from django.db import migrations, models

# Files get the next numbers of the files that are kept, since others are kept there already.
MOVE_FILES = """
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT id AS old_id, nextval(pg_get_serial_sequence('common_keptfile', 'id')) AS new_id
FROM (SELECT id FROM entitlements_workbookfile ORDER BY id) file;
INSERT INTO common_keptfile (id, company_id, name, size, kept_by_id, kept_at)
SELECT new_id, company_id, name, size, kept_by_id, kept_at
FROM entitlements_workbookfile JOIN moved ON old_id = id;
INSERT INTO common_filepiece (file_id, number, content)
SELECT new_id, number, content FROM entitlements_filepiece JOIN moved ON old_id = file_id;
UPDATE entitlements_import SET kept_id = new_id FROM moved WHERE old_id = file_id;
UPDATE entitlements_workbookexport SET kept_id = new_id FROM moved WHERE old_id = file_id;
-- What is checked at the end of the transaction would hold the changes of tables back.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


def kept_file(*, is_null: bool) -> models.Field:
    return models.OneToOneField(
        "common.keptfile",
        on_delete=django.db.models.deletion.PROTECT,
        null=is_null,
        related_name="+",
    )


class Migration(migrations.Migration):
    """Files of imports and exports are kept as all other files are (``common.kept_files``)."""

    dependencies = [
        ("common", "0002_kept_files"),
        ("entitlements", "0004_workbook_import"),
    ]

    operations = [
        migrations.AddField("import", "kept", kept_file(is_null=True)),
        migrations.AddField("workbookexport", "kept", kept_file(is_null=True)),
        migrations.RunSQL(MOVE_FILES),
        migrations.RemoveField("import", "file"),
        migrations.RemoveField("workbookexport", "file"),
        migrations.RenameField("import", "kept", "file"),
        migrations.RenameField("workbookexport", "kept", "file"),
        migrations.AlterField("import", "file", kept_file(is_null=False)),
        migrations.DeleteModel("FilePiece"),
        migrations.DeleteModel("WorkbookFile"),
    ]
