import java.io.*;
import java.math.*;
import java.nio.ByteBuffer;
import java.util.*;
import com.fasterxml.jackson.databind.*;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.header.*;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.*;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/**
 * Runs Kafka's own converters, transformations and predicates: reads cases, a line of JSON each, and writes what comes of each as
 * a line of text, or "! " and the exception. exchange.ts has both forms.
 */
public class ConnectData {
    public static void main(String[] args) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        for (String line; (line = in.readLine()) != null; ) {
            String result;
            try {
                result = run(mapper.readTree(line));
            } catch (Exception error) {
                result = "! " + error.getClass().getName() + ": " + error.getMessage();
            }
            out.println(result.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r"));
        }
        out.flush();
    }

    static String run(JsonNode node) throws Exception {
        Object plugin = Class.forName(node.get("plugin").asText()).getDeclaredConstructor().newInstance();
        Map<String, String> configs = new HashMap<>();
        node.get("configs").properties().forEach(each -> configs.put(each.getKey(), each.getValue().asText()));
        switch (node.get("kind").asText()) {
            case "write": {
                ((Converter) plugin).configure(configs, false);
                Schema schema = schema(node.get("schema"));
                return bytes(((Converter) plugin).fromConnectData("t", schema, value(schema, node.get("value"))));
            }
            case "read":
                ((Converter) plugin).configure(configs, false);
                return dump(((Converter) plugin).toConnectData("t", bytesOf(node.get("bytes"))));
            case "write-header": {
                ((HeaderConverter) plugin).configure(configs);
                Schema schema = schema(node.get("schema"));
                return bytes(((HeaderConverter) plugin).fromConnectHeader("t", "h", schema, value(schema, node.get("value"))));
            }
            case "read-header":
                ((HeaderConverter) plugin).configure(configs);
                return dump(((HeaderConverter) plugin).toConnectHeader("t", "h", bytesOf(node.get("bytes"))));
            case "transform":
                return transform((Transformation<?>) plugin, configs, node.get("record"));
            case "configs":
                return configs(plugin);
            default:
                ((Predicate<?>) plugin).configure(configs);
                return "" + test((Predicate<?>) plugin, node.get("record"));
        }
    }

    static String configs(Object plugin) throws Exception {
        StringJoiner text = new StringJoiner("; ");
        for (ConfigDef.ConfigKey key : ((ConfigDef) plugin.getClass().getMethod("config").invoke(plugin)).configKeys().values()) {
            text.add(key.name + " " + key.type + " " + (key.hasDefault() ? key.defaultValue : "required") + " " + key.importance + " "
                + key.group + " " + key.orderInGroup + " " + key.width + " " + key.displayName);
        }
        return text.toString();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static String transform(Transformation plugin, Map<String, String> configs, JsonNode record) {
        plugin.config().validate(configs);
        plugin.configure(configs);
        return dump((ConnectRecord<?>) plugin.apply(record(record)));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static boolean test(Predicate plugin, JsonNode record) {
        return plugin.test(record(record));
    }

    static byte[] bytesOf(JsonNode node) {
        return node.isNull() ? null : Base64.getDecoder().decode(node.asText());
    }

    static String bytes(byte[] bytes) {
        return bytes == null ? "null" : Base64.getEncoder().encodeToString(bytes);
    }

    static Schema schema(JsonNode node) {
        if (node == null || node.isNull()) return null;
        Schema.Type type = Schema.Type.valueOf(node.get("type").asText());
        SchemaBuilder builder = switch (type) {
            case ARRAY -> SchemaBuilder.array(schema(node.get("valueSchema")));
            case MAP -> SchemaBuilder.map(schema(node.get("keySchema")), schema(node.get("valueSchema")));
            default -> new SchemaBuilder(type);
        };
        if (node.has("fields")) node.get("fields").forEach(field -> builder.field(field.get(0).asText(), schema(field.get(1))));
        if (node.has("optional")) builder.optional();
        if (node.has("name")) builder.name(node.get("name").asText());
        if (node.has("version")) builder.version(node.get("version").asInt());
        if (node.has("doc")) builder.doc(node.get("doc").asText());
        if (node.has("parameters")) node.get("parameters").forEach(each -> builder.parameter(each.get(0).asText(), each.get(1).asText()));
        if (node.has("default")) builder.defaultValue(value(builder, node.get("default")));
        return builder.build();
    }

    static Object value(Schema schema, JsonNode node) {
        if (node == null || node.isNull()) return null;
        JsonNode content = node.get(1);
        String text = content.asText();
        switch (node.get(0).asText()) {
            case "int8": return Byte.valueOf(text);
            case "int16": return Short.valueOf(text);
            case "int32": return Integer.valueOf(text);
            case "int64": return Long.valueOf(text);
            case "float32": return Float.valueOf(text);
            case "float64": return Double.valueOf(text);
            case "boolean": return Boolean.valueOf(text);
            case "string": return text;
            case "bytes": return Base64.getDecoder().decode(text);
            case "decimal": return new BigDecimal(text);
            case "date": return new java.util.Date(Long.parseLong(text));
            case "array": {
                List<Object> list = new ArrayList<>();
                content.forEach(item -> list.add(value(schema == null ? null : schema.valueSchema(), item)));
                return list;
            }
            case "map": {
                Map<Object, Object> map = new LinkedHashMap<>();
                content.forEach(entry -> map.put(value(schema == null ? null : schema.keySchema(), entry.get(0)),
                    value(schema == null ? null : schema.valueSchema(), entry.get(1))));
                return map;
            }
            default: {
                Struct struct = new Struct(schema);
                for (Field field : schema.fields()) {
                    JsonNode item = content.get(field.index());
                    if (!item.isNull()) struct.put(field, value(field.schema(), item));
                }
                return struct;
            }
        }
    }

    static ConnectRecord<?> record(JsonNode node) {
        Schema keySchema = schema(node.get("keySchema"));
        Schema valueSchema = schema(node.get("valueSchema"));
        Object key = value(keySchema, node.get("key"));
        Object value = value(valueSchema, node.get("value"));
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode each : node.get("headers")) {
            Schema schema = schema(each.get(1));
            headers.add(each.get(0).asText(), new SchemaAndValue(schema, value(schema, each.get(2))));
        }
        String topic = node.get("topic").asText();
        Long timestamp = node.get("timestamp").isNull() ? null : Long.valueOf(node.get("timestamp").asText());
        if (node.has("offset")) {
            return new SinkRecord(topic, node.get("partition").asInt(), keySchema, key, valueSchema, value,
                node.get("offset").asLong(), timestamp, TimestampType.CREATE_TIME, headers);
        }
        Integer partition = node.get("partition").isNull() ? null : Integer.valueOf(node.get("partition").asInt());
        return new SourceRecord(Map.of(), Map.of(), topic, partition, keySchema, key, valueSchema, value, timestamp, headers);
    }

    static String dump(ConnectRecord<?> record) {
        if (record == null) return "dropped";
        StringBuilder text = new StringBuilder(record.topic() + " " + record.kafkaPartition() + " " + record.timestamp());
        text.append(" key ").append(dump(new SchemaAndValue(record.keySchema(), record.key())));
        text.append(" value ").append(dump(new SchemaAndValue(record.valueSchema(), record.value())));
        for (Header header : record.headers()) {
            text.append(" header ").append(header.key()).append(" ").append(dump(new SchemaAndValue(header.schema(), header.value())));
        }
        return text.toString();
    }

    static String dump(SchemaAndValue data) {
        if (data == null) return "null null";
        return dumpSchema(data.schema()) + " " + dumpValue(data.schema(), data.value());
    }

    static String dumpSchema(Schema schema) {
        if (schema == null) return "null";
        StringBuilder text = new StringBuilder(schema.type() + (schema.isOptional() ? "?" : ""));
        text.append("(").append(schema.name()).append(" ").append(schema.version()).append(" ").append(schema.doc()).append(" ");
        text.append(schema.parameters() == null ? "null" : new TreeMap<>(schema.parameters()).toString());
        if (schema.defaultValue() != null) text.append(" default ").append(dumpValue(schema, schema.defaultValue()));
        switch (schema.type()) {
            case STRUCT -> schema.fields().forEach(field -> text.append(" ").append(field.name()).append(":").append(dumpSchema(field.schema())));
            case ARRAY -> text.append(" ").append(dumpSchema(schema.valueSchema()));
            case MAP -> text.append(" ").append(dumpSchema(schema.keySchema())).append(" ").append(dumpSchema(schema.valueSchema()));
            default -> { }
        }
        return text.append(")").toString();
    }

    static String dumpValue(Schema schema, Object value) {
        if (value == null) return "null";
        if (value instanceof BigDecimal decimal) return "decimal " + decimal.unscaledValue() + " " + decimal.scale();
        if (value instanceof Number number) return dumpNumber(schema, number);
        if (value instanceof java.util.Date date) return "date " + date.getTime();
        if (value instanceof byte[] bytes) return "bytes " + Base64.getEncoder().encodeToString(bytes);
        if (value instanceof ByteBuffer buffer) return "bytes " + Base64.getEncoder().encodeToString(buffer.array());
        if (value instanceof List<?> list) {
            StringJoiner items = new StringJoiner(", ", "[", "]");
            list.forEach(item -> items.add(dumpValue(schema == null ? null : schema.valueSchema(), item)));
            return items.toString();
        }
        if (value instanceof Map<?, ?> map) {
            List<String> entries = new ArrayList<>();
            map.forEach((key, item) -> entries.add(dumpValue(schema == null ? null : schema.keySchema(), key) + "="
                + dumpValue(schema == null ? null : schema.valueSchema(), item)));
            Collections.sort(entries);
            return "{" + String.join(", ", entries) + "}";
        }
        if (value instanceof Struct struct) {
            StringJoiner items = new StringJoiner(", ", "struct{", "}");
            struct.schema().fields().forEach(field -> items.add(dumpValue(field.schema(), struct.getWithoutDefault(field.name()))));
            return items.toString();
        }
        return value instanceof String ? "\"" + value + "\"" : value.toString();
    }

    /** What newer versions of Java print; older ones print more digits now and then. */
    static double shortest(float value) {
        for (int digits = 1; ; digits++) {
            double candidate = new BigDecimal(value).round(new MathContext(digits)).doubleValue();
            if ((float) candidate == value) return value == 0 ? value : candidate;
        }
    }

    /** Floating numbers as bits; without a schema a float is the double that prints alike. */
    static String dumpNumber(Schema schema, Number number) {
        Schema.Type type = schema == null ? ConnectSchema.schemaType(number.getClass()) : schema.type();
        if (schema == null && number instanceof Float value && !value.isInfinite() && !value.isNaN()) number = shortest(value);
        if (type == Schema.Type.FLOAT32 && schema != null) return "f" + Integer.toHexString(Float.floatToIntBits(number.floatValue()));
        if (type == Schema.Type.FLOAT32 || type == Schema.Type.FLOAT64) return "d" + Long.toHexString(Double.doubleToLongBits(number.doubleValue()));
        return Long.toString(number.longValue());
    }
}
