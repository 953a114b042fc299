package dev.cetera.lab.cluster;

import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;

/// What one member holds at one revision, in a form that can be compared.
///
/// @param visible digest of all keys with their values and revisions
/// @param count number of keys
/// @param history etcd's own hash over the history since the last compaction; absent where a member is too old
///     for it (3.2)
public record Contents(long revision, String visible, long count, OptionalInt history) {
    private static final Duration CALL = Duration.ofSeconds(10);

    static Contents of(Direct member, long revision) {
        MessageDigest digest = sha256();
        var count = new AtomicLong();
        var everything = RangeRequest.newBuilder()
                .setKey(Direct.FIRST_KEY)
                .setRangeEnd(Direct.FIRST_KEY)
                .setRevision(revision)
                .setSerializable(true)
                .build();
        member.scan(everything, CALL, kv -> {
            digest.update(kv.toByteArray());
            count.incrementAndGet();
        });
        return new Contents(
                revision, HexFormat.of().formatHex(digest.digest()), count.get(), history(member, revision));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }

    private static OptionalInt history(Direct member, long revision) {
        try {
            return OptionalInt.of(member.maintenance(CALL)
                    .hashKV(HashKVRequest.newBuilder().setRevision(revision).build())
                    .getHash());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return OptionalInt.empty();
            }
            throw e;
        }
    }

    /// True when all agree. Those without a history hash are compared by what is visible.
    static boolean same(List<Contents> all) {
        boolean visible = all.stream()
                        .map(one -> one.revision + "/" + one.count + "/" + one.visible)
                        .distinct()
                        .count()
                == 1;
        boolean history = all.stream()
                        .map(Contents::history)
                        .filter(OptionalInt::isPresent)
                        .distinct()
                        .count()
                <= 1;
        return visible && history;
    }
}
