package dev.cetera.lab.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdException;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The JVM's best known etcd client, with every option that it offers.
class JetcdForeignTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Member member;
    private Client client;
    private KV kv;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        client = evidence.closing(Client.builder().endpoints(member.endpoint()).build());
        kv = client.getKVClient();
    }

    @Test
    void putsAreNumberedAndTellWhatWasThereBefore() {
        long first = get(kv.put(bytes("a"), bytes("1"))).getHeader().getRevision();
        var second = get(
                kv.put(bytes("a"), bytes("2"), PutOption.builder().withPrevKV().build()));
        assertThat(second.getHeader().getRevision()).isEqualTo(first + 1);
        assertThat(second.hasPrevKv()).isTrue();
        assertThat(second.getPrevKv().getValue()).isEqualTo(bytes("1"));
        assertThat(second.getPrevKv().getModRevision()).isEqualTo(first);
        KeyValue now = get(kv.get(bytes("a"))).getKvs().getFirst();
        assertThat(now.getCreateRevision()).isEqualTo(first);
        assertThat(now.getModRevision()).isEqualTo(first + 1);
        assertThat(now.getVersion()).isEqualTo(2);
    }

    @Test
    void getsObeyEveryOption() {
        // Values fall while keys and revisions rise, so that orders differ.
        long base = get(kv.put(bytes("k0"), bytes("v9"))).getHeader().getRevision();
        for (int i = 1; i < 10; i++) {
            put("k" + i, "v" + (9 - i));
        }
        put("k3", "v6b");
        put("l0", "other");

        assertThat(keys(GetOption.builder().isPrefix(true), "k")).hasSize(10);
        assertThat(keys(GetOption.builder().withRange(bytes("k3")), "k1")).containsExactly("k1", "k2");
        assertThat(keys(GetOption.builder().withRange(bytes("\0")), "k8")).containsExactly("k8", "k9", "l0");
        assertThat(keys(sorted(SortTarget.KEY, SortOrder.DESCEND).withLimit(2), "k"))
                .containsExactly("k9", "k8");
        assertThat(keys(sorted(SortTarget.VALUE, SortOrder.ASCEND).withLimit(1), "k"))
                .containsExactly("k9");
        assertThat(keys(sorted(SortTarget.MOD, SortOrder.DESCEND).withLimit(1), "k"))
                .containsExactly("k3");
        assertThat(keys(sorted(SortTarget.VERSION, SortOrder.DESCEND).withLimit(1), "k"))
                .containsExactly("k3");
        assertThat(keys(sorted(SortTarget.CREATE, SortOrder.ASCEND).withLimit(1), "k"))
                .containsExactly("k0");
        assertThat(keys(GetOption.builder().isPrefix(true).withMinModRevision(base + 10), "k"))
                .containsExactly("k3");
        assertThat(keys(GetOption.builder().isPrefix(true).withMaxModRevision(base + 1), "k"))
                .containsExactly("k0", "k1");
        assertThat(keys(GetOption.builder().isPrefix(true).withMinCreateRevision(base + 8), "k"))
                .containsExactly("k8", "k9");
        assertThat(keys(GetOption.builder().isPrefix(true).withMaxCreateRevision(base), "k"))
                .containsExactly("k0");

        GetResponse limited = get(kv.get(
                bytes("k"), GetOption.builder().isPrefix(true).withLimit(4).build()));
        assertThat(limited.isMore()).isTrue();
        assertThat(limited.getCount()).isEqualTo(10);
        assertThat(limited.getKvs()).hasSize(4);
        GetResponse counted = get(kv.get(
                bytes("k"),
                GetOption.builder().isPrefix(true).withCountOnly(true).build()));
        assertThat(counted.getCount()).isEqualTo(10);
        assertThat(counted.getKvs()).isEmpty();
        GetResponse keysOnly =
                get(kv.get(bytes("k3"), GetOption.builder().withKeysOnly(true).build()));
        assertThat(keysOnly.getKvs().getFirst().getValue().isEmpty()).isTrue();
        GetResponse old = get(kv.get(
                bytes("k3"),
                GetOption.builder()
                        .withRevision(base + 9)
                        .withSerializable(true)
                        .build()));
        assertThat(old.getKvs().getFirst().getValue()).isEqualTo(bytes("v6"));
    }

    @Test
    void deletesCountAndTellWhatTheyRemoved() {
        put("d/1", "a");
        put("d/2", "b");
        put("e", "c");
        var gone = get(kv.delete(
                bytes("d/"),
                DeleteOption.builder().isPrefix(true).withPrevKV(true).build()));
        assertThat(gone.getDeleted()).isEqualTo(2);
        assertThat(gone.getPrevKvs()).extracting(JetcdForeignTest::value).containsExactly("a", "b");
        long revision = gone.getHeader().getRevision();
        assertThat(get(kv.delete(bytes("none"))).getHeader().getRevision()).isEqualTo(revision);
        assertThat(get(kv.get(bytes("e"))).getKvs()).hasSize(1);
    }

    @Test
    void transactionsCompareEveryTargetAndNest() {
        long revision = get(kv.put(bytes("t"), bytes("one"))).getHeader().getRevision();
        var done = get(kv.txn()
                .If(
                        new Cmp(bytes("t"), Cmp.Op.EQUAL, CmpTarget.value(bytes("one"))),
                        new Cmp(bytes("t"), Cmp.Op.EQUAL, CmpTarget.version(1)),
                        new Cmp(bytes("t"), Cmp.Op.EQUAL, CmpTarget.createRevision(revision)),
                        new Cmp(bytes("t"), Cmp.Op.LESS, CmpTarget.modRevision(revision + 1)),
                        new Cmp(bytes("t"), Cmp.Op.GREATER, CmpTarget.modRevision(revision - 1)),
                        new Cmp(bytes("none"), Cmp.Op.EQUAL, CmpTarget.version(0)))
                .Then(
                        Op.put(bytes("t"), bytes("two"), PutOption.DEFAULT),
                        Op.txn(
                                new Cmp[] {new Cmp(bytes("t"), Cmp.Op.EQUAL, CmpTarget.value(bytes("one")))},
                                new Op[] {Op.put(bytes("inner"), bytes("then"), PutOption.DEFAULT)},
                                new Op[] {Op.put(bytes("inner"), bytes("else"), PutOption.DEFAULT)}),
                        Op.get(bytes("t"), GetOption.DEFAULT),
                        Op.delete(bytes("none"), DeleteOption.DEFAULT))
                .Else(Op.put(bytes("t"), bytes("wrong"), PutOption.DEFAULT))
                .commit());
        assertThat(done.isSucceeded()).isTrue();
        assertThat(done.getGetResponses().getFirst().getKvs())
                .extracting(JetcdForeignTest::value)
                .containsExactly("two");
        assertThat(done.getDeleteResponses().getFirst().getDeleted()).isZero();
        assertThat(done.getTxnResponses()).hasSize(1);
        // All operations of a transaction share one revision.
        KeyValue outer = get(kv.get(bytes("t"))).getKvs().getFirst();
        KeyValue inner = get(kv.get(bytes("inner"))).getKvs().getFirst();
        assertThat(outer.getModRevision()).isEqualTo(revision + 1);
        assertThat(inner.getModRevision()).isEqualTo(revision + 1);
        // Compares are all made on the state before the transaction, those of nested ones too.
        assertThat(value(inner)).isEqualTo("then");
        var refused = get(kv.txn()
                .If(new Cmp(bytes("t"), Cmp.Op.NOT_EQUAL, CmpTarget.value(bytes("two"))))
                .Then(Op.put(bytes("t"), bytes("wrong"), PutOption.DEFAULT))
                .commit());
        assertThat(refused.isSucceeded()).isFalse();
        assertThat(refused.getHeader().getRevision()).isEqualTo(revision + 1);
    }

    @Test
    void whatIsCompactedIsRefusedWithEtcdsText() {
        put("a", "1");
        long revision = get(kv.put(bytes("a"), bytes("2"))).getHeader().getRevision();
        get(kv.compact(revision));
        var old = GetOption.builder().withRevision(revision - 1).build();
        assertThatThrownBy(() -> get(kv.get(bytes("a"), old)))
                .hasMessageContaining("etcdserver: mvcc: required revision has been compacted");
        var ahead = GetOption.builder().withRevision(revision + 1).build();
        assertThatThrownBy(() -> get(kv.get(bytes("a"), ahead)))
                .hasMessageContaining("etcdserver: mvcc: required revision is a future revision");
        assertThat(get(kv.get(bytes("a"))).getKvs()).hasSize(1);
    }

    @Test
    void aWatchGoesOnWhereItWasWhenTheServerIsKilledUnderIt() throws Exception {
        var events = new CopyOnWriteArrayList<WatchEvent>();
        var errors = new ConcurrentLinkedQueue<Throwable>();
        try (var _ = client.getWatchClient()
                .watch(
                        bytes("w/"),
                        WatchOption.builder().isPrefix(true).withRevision(1).build(),
                        Watch.listener(response -> events.addAll(response.getEvents()), errors::add))) {
            for (int i = 0; i < 20; i++) {
                put("w/" + i, "before");
            }
            Await.await("events before", SOON, () -> events.size() == 20);
            for (int restart = 1; restart <= 2; restart++) {
                member.kill();
                member.start(Program.underTest());
                int round = restart;
                Await.await(
                        "a put after restart " + restart,
                        SOON,
                        () -> !get(kv.put(bytes("w/r"), bytes("round " + round)))
                                .hasPrevKv());
                Await.await(
                        "the event of restart " + restart,
                        SOON,
                        () -> value(events.getLast().getKeyValue()).equals("round " + round));
            }
            // jetcd tells of each connection that broke, and of nothing else.
            assertThat(errors)
                    .allSatisfy(error -> assertThat(error)
                            .isInstanceOfSatisfying(
                                    EtcdException.class,
                                    lost -> assertThat(lost.getErrorCode()).isEqualTo(ErrorCode.UNAVAILABLE)));
            assertThat(events)
                    .extracting(event -> event.getKeyValue().getModRevision())
                    .as("each revision once, in order")
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(events.subList(0, 20))
                    .extracting(event -> event.getKeyValue().getKey().toString(UTF_8))
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 20)
                            .mapToObj(i -> "w/" + i)
                            .toList());
        }
    }

    @Test
    void watchesObeyEveryOption() {
        long start = get(kv.put(bytes("o"), bytes("1"))).getHeader().getRevision();
        var everything = new CopyOnWriteArrayList<WatchEvent>();
        var puts = new CopyOnWriteArrayList<WatchEvent>();
        var deletes = new CopyOnWriteArrayList<WatchEvent>();
        var notices = new CopyOnWriteArrayList<String>();
        var watches = client.getWatchClient();
        var base = WatchOption.builder().withRevision(start);
        try (var all = watches.watch(
                        bytes("o"),
                        base.withPrevKV(true)
                                .withCreateNotify(true)
                                .withProgressNotify(true)
                                .withRange(bytes("p"))
                                .withRequireLeader(true)
                                .build(),
                        response -> {
                            everything.addAll(response.getEvents());
                            if (response.isCreatedNotify()) {
                                notices.add("created");
                            } else if (response.isProgressNotify()) {
                                notices.add("progress " + response.getHeader().getRevision());
                            }
                        });
                var _ = watches.watch(
                        bytes("o"),
                        WatchOption.builder()
                                .withRevision(start)
                                .withNoDelete(true)
                                .build(),
                        response -> puts.addAll(response.getEvents()));
                var _ = watches.watch(
                        bytes("o"),
                        WatchOption.builder()
                                .withRevision(start)
                                .withNoPut(true)
                                .build(),
                        response -> deletes.addAll(response.getEvents()))) {
            put("o", "2");
            get(kv.delete(bytes("o")));
            put("oo", "3");
            Await.await("all events", SOON, () -> everything.size() == 4 && puts.size() == 2 && deletes.size() == 1);
            assertThat(everything)
                    .extracting(WatchEvent::getEventType)
                    .containsExactly(
                            WatchEvent.EventType.PUT,
                            WatchEvent.EventType.PUT,
                            WatchEvent.EventType.DELETE,
                            WatchEvent.EventType.PUT);
            assertThat(value(everything.get(2).getPrevKV())).isEqualTo("2");
            assertThat(deletes.getFirst().getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
            assertThat(notices).contains("created");
            all.requestProgress();
            Await.await("a progress notice", SOON, () -> notices.contains("progress " + (start + 3)));
        }
    }

    @Test
    void aWatchThatBeginsInCompactedHistoryIsToldSo() {
        put("a", "1");
        long revision = get(kv.put(bytes("a"), bytes("2"))).getHeader().getRevision();
        get(kv.compact(revision));
        var errors = new ConcurrentLinkedQueue<Throwable>();
        try (var _ = client.getWatchClient()
                .watch(
                        bytes("a"),
                        WatchOption.builder().withRevision(1).build(),
                        Watch.listener(_ -> {}, errors::add))) {
            Await.await("the refusal", SOON, () -> !errors.isEmpty());
            assertThat(errors.element()).hasMessageContaining("required revision has been compacted");
        }
    }

    @Test
    void leasesAreKeptAliveAndTakeTheirKeysWithThem() {
        var leases = client.getLeaseClient();
        long lease = get(leases.grant(2)).getID();
        get(kv.put(
                bytes("mortal"),
                bytes("x"),
                PutOption.builder().withLeaseId(lease).build()));
        var renewals = new CopyOnWriteArrayList<LeaseKeepAliveResponse>();
        var keeping = leases.keepAlive(lease, new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveResponse response) {
                renewals.add(response);
            }

            @Override
            public void onError(Throwable error) {
                renewals.clear();
            }

            @Override
            public void onCompleted() {
                // The end of the stream is not what is looked at.
            }
        });
        // Three renewals of a lease of 2 seconds, made every third of it: it has outlived itself or nearly so.
        Await.await("renewals", SOON, () -> renewals.size() >= 4);
        assertThat(renewals).allMatch(renewal -> renewal.getID() == lease && renewal.getTTL() == 2);
        var left = get(leases.timeToLive(
                lease, LeaseOption.builder().withAttachedKeys().build()));
        assertThat(left.getGrantedTTL()).isEqualTo(2);
        assertThat(left.getKeys()).containsExactly(bytes("mortal"));
        keeping.close();
        Await.await(
                "the key goes with its lease",
                SOON,
                () -> get(kv.get(bytes("mortal"))).getKvs().isEmpty());
        assertThat(get(leases.timeToLive(lease, LeaseOption.DEFAULT)).getTTL()).isEqualTo(-1);

        long revoked = get(leases.grant(600)).getID();
        get(kv.put(
                bytes("other"),
                bytes("x"),
                PutOption.builder().withLeaseId(revoked).build()));
        assertThat(get(leases.keepAliveOnce(revoked)).getTTL()).isEqualTo(600);
        get(leases.revoke(revoked));
        assertThat(get(kv.get(bytes("other"))).getKvs()).isEmpty();
        assertThatThrownBy(() -> get(leases.revoke(revoked)))
                .hasMessageContaining("etcdserver: requested lease not found");
        assertThatThrownBy(() -> get(kv.put(
                        bytes("other"),
                        bytes("x"),
                        PutOption.builder().withLeaseId(revoked).build())))
                .hasMessageContaining("etcdserver: requested lease not found");
    }

    @Test
    void aMemberIsListedMeasuredAndSaved() {
        put("a", "1");
        var members = get(client.getClusterClient().listMember()).getMembers();
        assertThat(members).hasSize(1);
        assertThat(members.getFirst().getName()).isEqualTo("solo");
        assertThat(members.getFirst().getClientURIs())
                .extracting(Object::toString)
                .containsExactly(member.endpoint());
        var maintenance = client.getMaintenanceClient();
        var status = get(maintenance.statusMember(member.endpoint()));
        assertThat(status.getVersion()).startsWith("3.");
        assertThat(status.getLeader()).isEqualTo(members.getFirst().getId());
        assertThat(status.getDbSize()).isPositive();
        assertThat(status.getRaftIndex()).isPositive();
        assertThat(get(maintenance.listAlarms()).getAlarms()).isEmpty();
        long hash = get(maintenance.hashKV(member.endpoint(), 0)).getHash();
        get(maintenance.defragmentMember(member.endpoint()));
        assertThat(get(maintenance.hashKV(member.endpoint(), 0)).getHash()).isEqualTo(hash);
        var saved = new ByteArrayOutputStream();
        long size = get(maintenance.snapshot(saved));
        assertThat(saved.size()).isEqualTo((int) size).isGreaterThan(4096);
    }

    private void put(String key, String value) {
        get(kv.put(bytes(key), bytes(value)));
    }

    private static GetOption.Builder sorted(SortTarget target, SortOrder order) {
        return GetOption.builder().isPrefix(true).withSortField(target).withSortOrder(order);
    }

    private List<String> keys(GetOption.Builder options, String key) {
        return get(kv.get(bytes(key), options.build())).getKvs().stream()
                .map(found -> found.getKey().toString(UTF_8))
                .toList();
    }

    private static String value(KeyValue keyValue) {
        return keyValue.getValue().toString(UTF_8);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }
}
