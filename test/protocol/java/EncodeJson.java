import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.io.*;
import java.util.*;
import java.util.jar.*;
import com.fasterxml.jackson.databind.*;
import org.apache.kafka.common.protocol.*;

/**
 * Encodes messages with Kafka's own classes: reads lines of {"message","version","value"} and writes the bytes of each as a
 * line of hex, or "- " and a reason. The first argument is the folder of Kafka's jars, which must also be the class path.
 */
public class EncodeJson {
    public static void main(String[] args) throws Exception {
        Map<String, String> converters = new HashMap<>();
        for (File file : new File(args[0]).listFiles((dir, name) -> name.startsWith("kafka") && name.endsWith(".jar"))) {
            try (JarFile jar = new JarFile(file)) {
                jar.stream().map(JarEntry::getName).filter(name -> name.endsWith("JsonConverter.class")).forEach(name -> {
                    String type = name.replace('/', '.').replace(".class", "");
                    converters.put(type.substring(type.lastIndexOf('.') + 1).replaceAll("(Data)?JsonConverter$", ""), type);
                });
            }
        }
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line; (line = in.readLine()) != null; ) System.out.println(encode(mapper, converters, line));
    }

    static String encode(ObjectMapper mapper, Map<String, String> converters, String line) throws Exception {
        JsonNode node = mapper.readTree(line);
        short version = (short) node.get("version").asInt();
        String name = node.get("message").asText();
        String type = converters.get(name.replaceAll("Data$", ""));
        if (type == null) return "- no class for " + name;
        try {
            Method read = Class.forName(type).getMethod("read", JsonNode.class, short.class);
            Message message = (Message) read.invoke(null, node.get("value"), version);
            ByteBuffer bytes = MessageUtil.toByteBufferAccessor(message, version).buffer();
            byte[] out = new byte[bytes.remaining()];
            bytes.get(out);
            return HexFormat.of().formatHex(out);
        } catch (java.lang.reflect.InvocationTargetException error) {
            return "- " + error.getCause();
        } catch (RuntimeException error) {
            return "- " + error;
        }
    }
}
