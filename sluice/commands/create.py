"""`sluice create`: what the jobs expect to find, at the addresses of the settings."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from rich.console import Console

from localstack import resources
from localstack.kafka import create_missing_topics
from localstack.waiting import until
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.settings import Settings, load

ANSWER_SECONDS = 5.0
KAFKA_SECONDS = 60.0


def missing_topics(settings: Settings) -> list[str]:
    """The topics that Kafka lacks, which have been created. Raises SluiceError where no broker answers."""
    client = AdminClient({"bootstrap.servers": settings.kafka.bootstrap, "log_level": 0})

    def answers() -> bool:
        try:
            client.list_topics(timeout=ANSWER_SECONDS)
        except KafkaException:
            return False
        return True

    if not until(answers, KAFKA_SECONDS):
        raise SluiceError(f"Kafka does not answer at {settings.kafka.bootstrap}: start it, or set kafka.bootstrap")
    existing = client.list_topics(timeout=ANSWER_SECONDS).topics
    try:
        return create_missing_topics(client, settings.kafka, existing)
    except KafkaException as error:
        raise SluiceError(f"the topics cannot be created: {error.args[0].str()}") from error


def create(*, settings_file: SettingsFile = None) -> None:
    """Create the topics, the bucket and the tables that do not exist yet."""
    console = Console()
    settings = load(settings_file)
    names = missing_topics(settings)
    console.print(f"Topics created: {', '.join(names)}." if names else "All topics are there.")
    try:
        resources.create(settings)
    except (BotoCoreError, ClientError) as error:
        where = settings.aws.endpoint_url or f"AWS, {settings.aws.region}"
        raise SluiceError(f"bucket and tables cannot be created at {where}: {error}") from error
    console.print(f"Bucket {settings.lake.bucket} and the tables of hot_state are there.")
