package sluice.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** From JSON to the fields that matter, with the card's token in place of its number. */
final class Prepare extends RichMapFunction<byte[], Transaction> {
    private static final long serialVersionUID = 1L;

    private final String keyFile;

    private transient JsonFactory json;
    private transient Mac mac;
    private transient String prefix;

    Prepare(String keyFile) {
        this.keyFile = keyFile;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        json = new JsonFactory();
        JsonNode key = new ObjectMapper().readTree(Path.of(keyFile).toFile());
        prefix = key.get("kid").asText() + "_";
        mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(HexFormat.of().parseHex(key.get("key").asText()), "HmacSHA256"));
    }

    @Override
    public Transaction map(byte[] message) throws IOException {
        Transaction found = new Transaction();
        try (JsonParser parser = json.createParser(message)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "transaction_id" -> found.transactionId = parser.getText();
                    case "event_time" -> found.eventMs = Instant.parse(parser.getText()).toEpochMilli();
                    case "card_number" -> found.token = token(parser.getText());
                    case "amount_minor" -> found.amountMinor = parser.getLongValue();
                    default -> parser.skipChildren();
                }
            }
        }
        return found;
    }

    private String token(String card) {
        return prefix + HexFormat.of().formatHex(mac.doFinal(card.getBytes(StandardCharsets.US_ASCII)));
    }
}
