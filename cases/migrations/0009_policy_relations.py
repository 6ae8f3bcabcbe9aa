"""Relations between policy documents, and who keeps them.

As in 0002, permissions are added and never taken away, so that running it again does nothing.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import cases.models.dates

EVERY = {f"{verb}_policyrelation" for verb in ("view", "add", "change", "delete")}
ADDED = {"编辑": {"view_policyrelation"}, "审核": EVERY, "管理员": EVERY}


def add_permissions(apps, schema_editor):
    using = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("cases")
    config.models_module = True  # else create_permissions takes the app for one without models
    create_permissions(config, apps=apps, verbosity=0, using=using)
    known = Permission.objects.using(using).filter(content_type__app_label="cases")
    for name, codenames in ADDED.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*known.filter(codename__in=codenames))


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_attachments'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyRelation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('依据', '依据'), ('落实', '落实'), ('配套', '配套'), ('修订', '修订'), ('替代', '替代'), ('废止', '废止')], max_length=12, verbose_name='关系')),
                ('basis', models.CharField(choices=[('原文', '原文'), ('推断', '推断')], max_length=10, verbose_name='依据')),
                ('grade', models.CharField(choices=[('A', 'A 官方文本或统计，已查看'), ('B', 'B 两个独立报道一致'), ('C', 'C 单一报道'), ('D', 'D 当事单位提供的宣传材料'), ('E', 'E 编辑推断，待核')], max_length=1, verbose_name='证据等级')),
                ('locator', models.CharField(blank=True, max_length=100, verbose_name='位置')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
            ],
            options={
                'verbose_name': '与其他文件的关系',
                'verbose_name_plural': '与其他文件的关系',
                'ordering': ['document', 'kind', 'target__order', 'target__key'],
            },
        ),
        migrations.AddField(
            model_name='policydocument',
            name='ended',
            field=cases.models.dates.PartialDateField(blank=True, default='', help_text='知道到哪一级就写到哪一级，例如 2014、2014-07、2014-07-01', verbose_name='失效日期'),
        ),
        migrations.AddField(
            model_name='policydocument',
            name='original_url',
            field=models.URLField(blank=True, help_text='发文机关或其官方网站上的全文；转载的不算，写进来源', max_length=500, verbose_name='原文网址'),
        ),
        migrations.AddConstraint(
            model_name='policydocument',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.In(django.db.models.functions.text.Length('ended'), [0, 4, 7, 10])), name='policydocument_ended_is_date', violation_error_message='日期写成 2014、2014-07 或 2014-07-15。'),
        ),
        migrations.AddConstraint(
            model_name='policydocument',
            constraint=models.CheckConstraint(condition=models.Q(('ended', ''), ('validity__in', ['replaced', 'repealed']), _connector='OR'), name='policydocument_ended_is_not_in_force', violation_error_message='只有已废止或已被替代的文件才有失效日期。'),
        ),
        migrations.AddConstraint(
            model_name='policydocument',
            constraint=models.CheckConstraint(condition=models.Q(('effective', ''), ('ended', ''), ('ended__gte', django.db.models.functions.text.Substr('effective', 1, django.db.models.functions.text.Length('ended'))), _connector='OR'), name='policydocument_effective_before_end', violation_error_message='失效日期不能早于施行日期。'),
        ),
        migrations.AddField(
            model_name='policyrelation',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relations', to='cases.policydocument', verbose_name='政策文件'),
        ),
        migrations.AddField(
            model_name='policyrelation',
            name='source',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='policy_relations', to='cases.source', verbose_name='来源'),
        ),
        migrations.AddField(
            model_name='policyrelation',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='related_by', to='cases.policydocument', verbose_name='对哪份文件'),
        ),
        migrations.AddConstraint(
            model_name='policyrelation',
            constraint=models.UniqueConstraint(fields=('document', 'kind', 'target'), name='policyrelation_unique', violation_error_message='对同一文件的同一种关系写了两次。'),
        ),
        migrations.AddConstraint(
            model_name='policyrelation',
            constraint=models.CheckConstraint(condition=models.Q(('document', models.F('target')), _negated=True), name='policyrelation_of_two_documents', violation_error_message='文件不能与自己有关系。'),
        ),
        migrations.AddConstraint(
            model_name='policyrelation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['依据', '落实', '配套', '修订', '替代', '废止'])), name='policyrelation_kind_known', violation_error_message='没有这种关系。'),
        ),
        migrations.AddConstraint(
            model_name='policyrelation',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['原文', '推断'])), name='policyrelation_basis_known', violation_error_message='依据只能是原文或推断。'),
        ),
        migrations.AddConstraint(
            model_name='policyrelation',
            constraint=models.CheckConstraint(condition=models.Q(('grade__in', ['A', 'B', 'C', 'D', 'E'])), name='policyrelation_grade_known', violation_error_message='等级只能是 A、B、C、D 或 E。'),
        ),
        migrations.AddConstraint(
            model_name='policyrelation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', '原文'), ('source__isnull', False)), ('grade', 'E'), _connector='OR'), name='policyrelation_inferred_is_grade_e', violation_error_message='推断的或没有来源的关系只能是 E 级。'),
        ),
        # Going back leaves the permissions: a manager may have given them on purpose.
        migrations.RunPython(add_permissions, migrations.RunPython.noop),
    ]
