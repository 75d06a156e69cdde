from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('tenants', '0001_first_light')]

    initial = False

    operations = [
        ops.DeleteModel(name='RegisterEntry'),
    ]
