package sluice.peers;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job of the comparison, as one would write it by hand. Arguments: broker, input, output, file of the token key. */
public final class Velocity {
    private Velocity() {}

    /** Builds and submits the job; parallelism, checkpoints and buffer time-out come from the submission. */
    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0];
        KafkaSource<byte[]> source = KafkaSource.<byte[]>builder()
                .setBootstrapServers(bootstrap)
                .setTopics(arguments[1])
                .setGroupId("velocity-java")
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new Whole())
                .build();
        KafkaSink<Flagged> sink = KafkaSink.<Flagged>builder()
                .setBootstrapServers(bootstrap)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(KafkaRecordSerializationSchema.<Flagged>builder()
                        .setTopic(arguments[2])
                        .setKeySerializationSchema(flagged -> flagged.token.getBytes(StandardCharsets.US_ASCII))
                        .setValueSerializationSchema(new ToJson())
                        .build())
                .build();
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        environment.getConfig().enableObjectReuse();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "transactions")
                .map(new Prepare(arguments[3]))
                .name("prepare")
                .keyBy(transaction -> transaction.token)
                .process(new Judge())
                .name("judge")
                .uid("judge")
                .sinkTo(sink)
                .name("flagged");
        environment.execute("velocity-java");
    }

    /** A message's value as it is. */
    private static final class Whole extends AbstractDeserializationSchema<byte[]> {
        private static final long serialVersionUID = 1L;

        @Override
        public byte[] deserialize(byte[] message) {
            return message;
        }
    }
}
