package sluice.peers;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;

/** A flagged transaction as the message that says so. */
final class ToJson implements SerializationSchema<Flagged> {
    private static final long serialVersionUID = 1L;

    private transient ObjectMapper mapper;

    @Override
    public void open(InitializationContext context) {
        mapper = new ObjectMapper();
    }

    @Override
    public byte[] serialize(Flagged flagged) {
        List<String> reasons = new ArrayList<>(2);
        if (flagged.highValue) {
            reasons.add("high_value");
        }
        if (flagged.cardVelocity) {
            reasons.add("card_velocity");
        }
        ObjectNode message = mapper.createObjectNode();
        message.put("token", flagged.token).put("transaction_id", flagged.transactionId);
        reasons.forEach(message.putArray("reasons")::add);
        try {
            return mapper.writeValueAsBytes(message);
        } catch (JsonProcessingException error) {
            throw new IllegalStateException(error);
        }
    }
}
