import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Word count with exactly_once_v2 on the broker given, in both group protocols: from a file of lines made by a fixed rule, over a
 * restart without local state, a second instance joining and the first one leaving. Every word must be counted once.
 *
 * <p>Arguments: bootstrap server, group protocol (classic or streams), file for the counts.
 */
public final class StreamsCheck {
  private static final int LINES = 2000;
  private static final int WORDS_PER_LINE = 5;
  private static final int VOCABULARY = 97;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final String bootstrap;
  private final String protocol;
  private final String run;
  private final Path dir;
  private final Map<String, Long> expected = new TreeMap<>();
  private final Map<String, Long> seen = new TreeMap<>();
  private long expectedRecords;
  private long seenRecords;
  private long seed = 42;

  private StreamsCheck(String bootstrap, String protocol, Path dir) {
    this.bootstrap = bootstrap;
    this.protocol = protocol;
    this.dir = dir;
    this.run = protocol + "-" + Long.toString(System.nanoTime(), 36);
  }

  public static void main(String[] args) throws Exception {
    Path dir = Files.createTempDirectory("kt-streams-check-");
    try {
      StreamsCheck check = new StreamsCheck(args[0], args[1], dir);
      check.all();
      List<String> lines = new ArrayList<>();
      check.seen.forEach((word, count) -> lines.add(word + " " + count));
      Files.write(Path.of(args[2]), lines);
      System.out.println("ok " + args[1] + ": " + check.seenRecords + " words counted once each");
    } catch (Throwable error) {
      System.out.println("failed " + args[1] + ": " + error);
      error.printStackTrace();
      System.exit(1);
    } finally {
      try (var paths = Files.walk(dir)) {
        paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
    System.exit(0);
  }

  private String in() {
    return "in-" + run;
  }

  private String out() {
    return "out-" + run;
  }

  private void all() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        KafkaProducer<String, String> producer = new KafkaProducer<>(clientConfig(), new StringSerializer(), new StringSerializer());
        KafkaConsumer<String, Long> consumer = new KafkaConsumer<>(readerConfig(), new StringDeserializer(), new LongDeserializer())) {
      admin.createTopics(List.of(new NewTopic(in(), 4, (short) 1), new NewTopic(out(), 2, (short) 1))).all().get();
      List<TopicPartition> partitions = List.of(new TopicPartition(out(), 0), new TopicPartition(out(), 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);

      produce(producer);
      KafkaStreams first = start("a1");
      waitForCounts(consumer, "first lines counted");
      first.close(CloseOptions.timeout(PATIENCE));

      produce(producer);
      first = start("a2");
      waitForCounts(consumer, "counting went on after a restart with the state of the changelog");

      KafkaStreams second = start("b");
      KafkaStreams one = first;
      waitUntil(() -> activeTasks(one) > 0 && activeTasks(second) > 0 && activeTasks(one) + activeTasks(second) == 8, "both instances have tasks");
      produce(producer);
      waitForCounts(consumer, "two instances counted together");
      describe(admin, 4);

      first.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP).withTimeout(PATIENCE));
      produce(producer);
      waitForCounts(consumer, "the second instance took over");
      second.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP).withTimeout(PATIENCE));
      if (protocol.equals("streams")) {
        waitUntil(() -> state(admin).equals("Empty"), "the group is empty");
        admin.deleteStreamsGroups(List.of(run)).all().get();
        say("the group is deleted");
      }
    }
  }

  private void describe(Admin admin, int members) throws Exception {
    if (!protocol.equals("streams")) return;
    var group = admin.describeStreamsGroups(List.of(run)).describedGroups().get(run).get();
    if (group.members().size() != members) throw new AssertionError("members: " + group.members());
    if (!group.groupState().toString().equals("Stable")) throw new AssertionError("state: " + group.groupState());
    say("described: " + group.groupState() + ", topology epoch " + group.topologyEpoch() + ", " + group.subtopologies().size() + " subtopologies");
  }

  private String state(Admin admin) {
    try {
      return admin.describeStreamsGroups(List.of(run)).describedGroups().get(run).get().groupState().toString();
    } catch (Exception error) {
      throw new AssertionError(error);
    }
  }

  private static int activeTasks(KafkaStreams streams) {
    if (streams.state() != KafkaStreams.State.RUNNING) return 0;
    return streams.metadataForLocalThreads().stream().mapToInt(thread -> thread.activeTasks().size()).sum();
  }

  private Map<String, Object> clientConfig() {
    return Map.of("bootstrap.servers", bootstrap);
  }

  private Map<String, Object> readerConfig() {
    return Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed", "enable.auto.commit", "false");
  }

  private KafkaStreams start(String name) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(in(), Consumed.with(Serdes.String(), Serdes.String()))
        .flatMapValues(line -> List.of(line.toLowerCase(Locale.ROOT).split(" ")))
        .groupBy((key, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
        .count(Materialized.as("counts"))
        .toStream()
        .to(out(), Produced.with(Serdes.String(), Serdes.Long()));
    Properties config = new Properties();
    config.put("application.id", run);
    config.put("bootstrap.servers", bootstrap);
    config.put("group.protocol", protocol);
    config.put("processing.guarantee", "exactly_once_v2");
    config.put("commit.interval.ms", "100");
    config.put("statestore.cache.max.bytes", "0");
    config.put("num.stream.threads", "2");
    config.put("state.dir", dir.resolve(name).toString());
    config.put("application.server", "localhost:" + (name.equals("b") ? 7002 : 7001));
    config.put("consumer.auto.offset.reset", "earliest");
    if (protocol.equals("classic")) config.put("consumer.session.timeout.ms", "10000");
    KafkaStreams streams = new KafkaStreams(builder.build(), config);
    streams.start();
    return streams;
  }

  /** The same lines in each run; every word's count is known beforehand. */
  private void produce(KafkaProducer<String, String> producer) {
    for (int line = 0; line < LINES; line++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < WORDS_PER_LINE; i++) {
        seed = (seed * 6364136223846793005L + 1442695040888963407L);
        String word = "Word" + ((seed >>> 33) % VOCABULARY);
        expected.merge(word.toLowerCase(Locale.ROOT), 1L, Long::sum);
        expectedRecords++;
        text.append(i == 0 ? "" : " ").append(word);
      }
      producer.send(new ProducerRecord<>(in(), Integer.toString(line), text.toString()));
    }
    producer.flush();
  }

  private void waitForCounts(KafkaConsumer<String, Long> consumer, String what) {
    waitUntil(() -> {
      for (ConsumerRecord<String, Long> record : consumer.poll(Duration.ofMillis(200))) {
        Long before = seen.put(record.key(), record.value());
        if (record.value() != (before == null ? 0 : before) + 1) {
          throw new AssertionError(record.key() + " went from " + before + " to " + record.value() + " in " + record);
        }
        seenRecords++;
      }
      if (seenRecords > expectedRecords) throw new AssertionError(seenRecords + " counts instead of " + expectedRecords);
      return seen.equals(expected);
    }, what);
  }

  private void waitUntil(BooleanSupplier condition, String what) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new AssertionError("waited too long for: " + what + " (" + seenRecords + " of " + expectedRecords + " counts)");
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException error) {
        throw new AssertionError(error);
      }
    }
    say(what + " (" + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms)");
  }

  private void say(String what) {
    System.out.println("   " + protocol + ": " + what);
  }
}
