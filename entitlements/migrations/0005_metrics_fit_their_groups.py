from django.db import migrations, models
from django.db.models import Q

# One function serves entitlements, which name a metric and an agreement type of one group.
FITTING = """
CREATE FUNCTION entitlement_fits_one_group() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  SELECT format('Entitlement %s has the metric %s and the agreement type %s, which are of two groups',
      e.id, metric.name, agreement.name) INTO said
  FROM new_rows e
  JOIN entitlements_licensemetric metric ON metric.id = e.metric_id
  JOIN entitlements_agreementtype agreement ON agreement.id = e.agreement_type_id
  WHERE metric.group_id <> agreement.group_id
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING MESSAGE = said, ERRCODE = 'check_violation',
      CONSTRAINT = 'metric_and_agreement_type_are_of_one_group';
  END IF;
  RETURN NULL;
END;
$$;
CREATE TRIGGER fits_one_group_when_added AFTER INSERT ON entitlements_entitlement
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION entitlement_fits_one_group();
CREATE TRIGGER fits_one_group_when_changed AFTER UPDATE ON entitlements_entitlement
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION entitlement_fits_one_group();
"""
NOT_FITTING = """
DROP TRIGGER fits_one_group_when_added ON entitlements_entitlement;
DROP TRIGGER fits_one_group_when_changed ON entitlements_entitlement;
DROP FUNCTION entitlement_fits_one_group();
"""

# What fits stays so: a metric, or an agreement type, is of one group for good.
STAYING = """
CREATE FUNCTION stays_in_its_metric_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = format('%s stays in its metric group', OLD.name),
    ERRCODE = 'check_violation', CONSTRAINT = 'stays_in_its_metric_group';
END;
$$;
CREATE TRIGGER stays_in_its_group BEFORE UPDATE OF group_id ON entitlements_licensemetric
  FOR EACH ROW WHEN (OLD.group_id <> NEW.group_id) EXECUTE FUNCTION stays_in_its_metric_group();
CREATE TRIGGER stays_in_its_group BEFORE UPDATE OF group_id ON entitlements_agreementtype
  FOR EACH ROW WHEN (OLD.group_id <> NEW.group_id) EXECUTE FUNCTION stays_in_its_metric_group();
"""
NOT_STAYING = """
DROP TRIGGER stays_in_its_group ON entitlements_licensemetric;
DROP TRIGGER stays_in_its_group ON entitlements_agreementtype;
DROP FUNCTION stays_in_its_metric_group();
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0004_shipped_catalogue")]

    operations = [
        migrations.AddConstraint(
            model_name="licensemetric",
            constraint=models.CheckConstraint(
                condition=~Q(description="") & ~Q(calculation=""), name="metric_is_explained"
            ),
        ),
        migrations.RunSQL(FITTING, NOT_FITTING),
        migrations.RunSQL(STAYING, NOT_STAYING),
    ]
