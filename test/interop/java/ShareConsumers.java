import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Share groups as Java's own client sees them: ShareConsumers HOST:PORT. Prints one line per check; exit code 1 when one fails. */
public class ShareConsumers {
  static String bootstrap;
  static String run = Long.toString(System.currentTimeMillis(), 36);
  static int failed = 0;
  static Admin admin;

  static void check(String name, boolean ok, Object seen) {
    if (!ok) failed++;
    System.out.println((ok ? "ok   " : "FAIL ") + name + (ok ? "" : ": " + seen));
  }

  static Properties base() {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("key.deserializer", StringDeserializer.class.getName());
    p.put("value.deserializer", StringDeserializer.class.getName());
    p.put("key.serializer", StringSerializer.class.getName());
    p.put("value.serializer", StringSerializer.class.getName());
    return p;
  }

  static KafkaShareConsumer<String, String> consumer(String group, String topic, String... more) {
    Properties p = base();
    p.put("group.id", group);
    p.put("share.acknowledgement.mode", "explicit");
    for (int i = 0; i + 1 < more.length; i += 2) p.put(more[i], more[i + 1]);
    KafkaShareConsumer<String, String> c = new KafkaShareConsumer<>(p);
    c.subscribe(List.of(topic));
    return c;
  }

  static String prepare(String name, int partitions, String... configs) throws Exception {
    String topic = name + "-" + run;
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    List<AlterConfigOp> ops = new ArrayList<>();
    ops.add(new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET));
    for (int i = 0; i + 1 < configs.length; i += 2)
      ops.add(new AlterConfigOp(new ConfigEntry(configs[i], configs[i + 1]), AlterConfigOp.OpType.SET));
    admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, "g-" + topic), (Collection<AlterConfigOp>) ops)).all().get();
    return topic;
  }

  static void produce(String topic, int count) throws Exception {
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(base())) {
      for (int i = 0; i < count; i++) producer.send(new ProducerRecord<>(topic, null, "v" + i));
      producer.flush();
    }
  }

  static List<ConsumerRecord<String, String>> poll(KafkaShareConsumer<String, String> c, int wanted, long ms) {
    List<ConsumerRecord<String, String>> all = new ArrayList<>();
    long end = System.currentTimeMillis() + ms;
    while (all.size() < wanted && System.currentTimeMillis() < end) {
      ConsumerRecords<String, String> records = c.poll(Duration.ofMillis(500));
      records.forEach(all::add);
      if (!records.isEmpty()) break;
    }
    return all;
  }

  static String commit(KafkaShareConsumer<String, String> c) {
    StringBuilder errors = new StringBuilder();
    c.commitSync(Duration.ofSeconds(10)).forEach((tp, e) -> e.ifPresent(x -> errors.append(tp.partition()).append(": ").append(x)));
    return errors.toString();
  }

  static void acknowledgeTypes() throws Exception {
    String topic = prepare("types", 1);
    produce(topic, 10);
    try (KafkaShareConsumer<String, String> c = consumer("g-" + topic, topic)) {
      List<ConsumerRecord<String, String>> first = poll(c, 10, 20_000);
      check("all records come once", first.size() == 10 && first.stream().allMatch(r -> r.deliveryCount().orElse((short) 0) == 1), first.size());
      for (ConsumerRecord<String, String> r : first)
        c.acknowledge(r, r.offset() < 4 ? AcknowledgeType.ACCEPT : r.offset() < 7 ? AcknowledgeType.RELEASE : AcknowledgeType.REJECT);
      String errors = commit(c);
      check("accept, release and reject in one commit", errors.isEmpty(), errors);
      TreeMap<Long, Short> again = new TreeMap<>();
      long end = System.currentTimeMillis() + 10_000;
      while (again.size() < 3 && System.currentTimeMillis() < end)
        for (ConsumerRecord<String, String> r : poll(c, 3, 2000)) {
          again.put(r.offset(), r.deliveryCount().get());
          c.acknowledge(r, AcknowledgeType.ACCEPT);
        }
      check("released records come again, with delivery count 2", again.equals(new TreeMap<>(Map.of(4L, (short) 2, 5L, (short) 2, 6L, (short) 2))), again);
      errors = commit(c);
      check("nothing comes after that", errors.isEmpty() && poll(c, 1, 2000).isEmpty(), errors);
    }
  }

  static void deliveryLimit() throws Exception {
    String topic = prepare("limit", 1);
    produce(topic, 1);
    List<Short> counts = new ArrayList<>();
    try (KafkaShareConsumer<String, String> c = consumer("g-" + topic, topic)) {
      for (int i = 0; i < 7; i++) {
        List<ConsumerRecord<String, String>> got = poll(c, 1, i == 0 ? 20_000 : 2500);
        if (got.isEmpty()) break;
        counts.add(got.get(0).deliveryCount().get());
        c.acknowledge(got.get(0), AcknowledgeType.RELEASE);
        commit(c);
      }
    }
    check("a record is delivered five times at most", counts.equals(List.of((short) 1, (short) 2, (short) 3, (short) 4, (short) 5)), counts);
  }

  static void locks() throws Exception {
    String topic = prepare("locks", 1, "share.record.lock.duration.ms", "8000");
    produce(topic, 2);
    try (KafkaShareConsumer<String, String> a = consumer("g-" + topic, topic); KafkaShareConsumer<String, String> b = consumer("g-" + topic, topic)) {
      List<ConsumerRecord<String, String>> mine = poll(a, 2, 20_000);
      check("the lock's duration is told", a.acquisitionLockTimeoutMs().orElse(0) == 8000, a.acquisitionLockTimeoutMs());
      check("nobody else gets what is locked", mine.size() == 2 && poll(b, 1, 1500).isEmpty(), mine.size());
      a.acknowledge(mine.get(0), AcknowledgeType.RENEW);
      a.acknowledge(mine.get(1), AcknowledgeType.RELEASE);
      String errors = commit(a);
      check("renewing beside releasing", errors.isEmpty(), errors);
      List<ConsumerRecord<String, String>> theirs = poll(b, 1, 10_000);
      boolean second = theirs.size() == 1 && theirs.get(0).offset() == 1;
      for (ConsumerRecord<String, String> r : theirs) b.acknowledge(r, AcknowledgeType.ACCEPT);
      commit(b);
      check("the released one goes to the other member", second, theirs.size());
      List<ConsumerRecord<String, String>> expired = poll(b, 1, 15_000);
      check("the other comes when its lock is over", expired.size() == 1 && expired.get(0).offset() == 0 && expired.get(0).deliveryCount().get() == 2, expired);
      for (ConsumerRecord<String, String> r : expired) b.acknowledge(r, AcknowledgeType.ACCEPT);
      commit(b);
    }
  }

  static void lostLock() throws Exception {
    String topic = prepare("lost", 1, "share.record.lock.duration.ms", "1500");
    produce(topic, 1);
    try (KafkaShareConsumer<String, String> a = consumer("g-" + topic, topic)) {
      List<ConsumerRecord<String, String>> mine = poll(a, 1, 20_000);
      Thread.sleep(3000);
      mine.forEach(r -> a.acknowledge(r, AcknowledgeType.ACCEPT));
      String errors = commit(a);
      check("who lost the lock can't acknowledge", errors.contains("InvalidRecordState"), errors);
    }
  }

  static void twoMembers() throws Exception {
    String topic = prepare("two", 4);
    produce(topic, 2000);
    Set<String> seen = new HashSet<>();
    Set<Integer> byA = new TreeSet<>();
    Set<Integer> byB = new TreeSet<>();
    int twice = 0;
    String[] more = {"share.acknowledgement.mode", "implicit"};
    try (KafkaShareConsumer<String, String> a = consumer("g-" + topic, topic, more); KafkaShareConsumer<String, String> b = consumer("g-" + topic, topic, more)) {
      long end = System.currentTimeMillis() + 40_000;
      while (seen.size() < 2000 && System.currentTimeMillis() < end) {
        for (ConsumerRecord<String, String> r : a.poll(Duration.ofMillis(200))) { byA.add(r.partition()); if (!seen.add(r.partition() + ":" + r.offset())) twice++; }
        for (ConsumerRecord<String, String> r : b.poll(Duration.ofMillis(200))) { byB.add(r.partition()); if (!seen.add(r.partition() + ":" + r.offset())) twice++; }
      }
    }
    check("two members get everything between them, nothing twice", seen.size() == 2000 && twice == 0, seen.size() + " seen, " + twice + " twice");
    System.out.println("     partitions of the first " + byA + ", of the second " + byB);
  }

  static void transactions() throws Exception {
    String topic = prepare("txn", 1, "share.isolation.level", "read_committed");
    Properties p = base();
    p.put("transactional.id", "t-" + run);
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(p)) {
      producer.initTransactions();
      for (int round = 0; round < 4; round++) {
        producer.beginTransaction();
        for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>(topic, round % 2 == 0 ? "committed" : "aborted", "v" + i));
        producer.flush();
        if (round % 2 == 0) producer.commitTransaction(); else producer.abortTransaction();
      }
    }
    List<String> keys = new ArrayList<>();
    try (KafkaShareConsumer<String, String> c = consumer("g-" + topic, topic, "share.acknowledgement.mode", "implicit")) {
      long end = System.currentTimeMillis() + 20_000;
      while (keys.size() < 10 && System.currentTimeMillis() < end) for (ConsumerRecord<String, String> r : c.poll(Duration.ofMillis(500))) keys.add(r.key());
      for (ConsumerRecord<String, String> r : c.poll(Duration.ofMillis(1000))) keys.add(r.key());
    }
    check("read_committed shows committed records only", keys.size() == 10 && !keys.contains("aborted"), keys);
  }

  static void offsets() throws Exception {
    String topic = prepare("offsets", 1);
    produce(topic, 10);
    String group = "g-" + topic;
    try (KafkaShareConsumer<String, String> c = consumer(group, topic)) {
      for (ConsumerRecord<String, String> r : poll(c, 10, 20_000)) c.acknowledge(r, AcknowledgeType.ACCEPT);
      commit(c);
      try {
        admin.alterShareGroupOffsets(group, Map.of(new org.apache.kafka.common.TopicPartition(topic, 0), 3L)).all().get();
        check("a group in use keeps its offsets", false, "altered");
      } catch (Exception e) {
        check("a group in use keeps its offsets", e.getCause() instanceof org.apache.kafka.common.errors.GroupNotEmptyException, e);
      }
    }
    admin.alterShareGroupOffsets(group, Map.of(new org.apache.kafka.common.TopicPartition(topic, 0), 3L)).all().get();
    List<Long> got = new ArrayList<>();
    try (KafkaShareConsumer<String, String> c = consumer(group, topic)) {
      for (ConsumerRecord<String, String> r : poll(c, 7, 20_000)) { got.add(r.offset()); c.acknowledge(r, AcknowledgeType.ACCEPT); }
      commit(c);
    }
    check("an altered offset is where it goes on", got.equals(List.of(3L, 4L, 5L, 6L, 7L, 8L, 9L)), got);
    String listed = admin.listShareGroupOffsets(Map.of(group, new org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec())).partitionsToOffsetInfo(group).get().toString();
    System.out.println("     " + listed);
    admin.deleteShareGroupOffsets(group, Set.of(topic)).all().get();
    admin.deleteShareGroups(List.of(group)).all().get();
    check("a deleted group is gone", admin.listGroups().all().get().stream().noneMatch(g -> g.groupId().equals(group)), "listed");
  }

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    admin = Admin.create(base());
    acknowledgeTypes();
    deliveryLimit();
    locks();
    lostLock();
    twoMembers();
    transactions();
    offsets();
    admin.close();
    System.out.println(failed + " failed");
    System.exit(failed > 0 ? 1 : 0);
  }
}
