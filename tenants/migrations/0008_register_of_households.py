from tortoise import migrations
from tortoise.migrations import operations as ops
from tenants.households import HouseholdState, Relation
from tenants.pairings import PairingKind
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0007_sign_ins')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Activity',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=64)),
                ('person_id', fields.UUIDField()),
                ('post_id', fields.UUIDField(null=True)),
                ('unit_id', fields.UUIDField(null=True)),
                ('code', fields.CharField(max_length=12)),
                ('household_id', fields.UUIDField(null=True)),
                ('occurred_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('note', fields.CharField(null=True, max_length=500)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'activities', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`kind`: a term of category ACTIVITY. `occurred_at`: when it was done; `recorded_at`: when it was'},
            bases=['PlaceRow'],
        ),
        ops.CreateModel(
            name='Household',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('code', fields.CharField(max_length=12)),
                ('number', fields.CharField(max_length=32)),
                ('head_name', fields.CharField(max_length=64)),
                ('state', fields.CharEnumField(default=HouseholdState.REGISTERED, description='CANDIDATE: candidate\nREGISTERED: registered\nEXITED: exited\nRELAPSED: relapsed', enum_type=HouseholdState, max_length=12)),
                ('main_cause', fields.CharField(null=True, max_length=64)),
                ('population', fields.SmallIntField()),
                ('income', fields.DecimalField(null=True, max_digits=10, decimal_places=2)),
                ('address', fields.CharField(null=True, max_length=200)),
                ('registered_on', fields.DateField(null=True)),
                ('exited_on', fields.DateField(null=True)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
            ],
            options={'table': 'households', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`code`: its village. `head_name`: 户主, by whose name people call it. `main_cause`: a term for why it'},
            bases=['PlaceRow'],
        ),
        ops.CreateModel(
            name='Member',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('household_id', fields.UUIDField()),
                ('name', fields.CharField(max_length=64)),
                ('relation', fields.CharEnumField(description='HEAD: head\nSPOUSE: spouse\nCHILD: child\nPARENT: parent\nGRANDCHILD: grandchild\nSIBLING: sibling\nOTHER: other', enum_type=Relation, max_length=12)),
                ('born_on', fields.DateField(null=True)),
                ('id_number_mask', fields.CharField(null=True, max_length=18)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'members', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`id_number_mask`: what anybody may see of the national id, such as 6211************12.'},
            bases=['PlaceRow'],
        ),
        ops.CreateModel(
            name='Pairing',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('kind', fields.CharEnumField(description='CADRE_HOUSEHOLD: cadre_household\nUNIT_VILLAGE: unit_village\nLEADER_TOWNSHIP: leader_township', enum_type=PairingKind, max_length=20)),
                ('code', fields.CharField(max_length=12)),
                ('household_id', fields.UUIDField(null=True)),
                ('person_id', fields.UUIDField(null=True)),
                ('unit_id', fields.UUIDField(null=True)),
                ('begins_on', fields.DateField()),
                ('ends_on', fields.DateField(null=True)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pairings', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`code`: the village or township that is helped, or where the household lies. `ends_on`: the first day'},
            bases=['PlaceRow'],
        ),
    ]
