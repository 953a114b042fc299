package dev.cetera.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Ids of members and clusters: unsigned 64-bit numbers, the first eight bytes of a SHA-1. Their text is
/// lower-case hex without leading zeros. Founders compute each other's, so not a byte may differ.
public final class MemberId {
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{1,16}");

    private MemberId() {}

    /// Id of a founding member.
    ///
    /// @param peerUrls in any order
    /// @param token    `--initial-cluster-token`, or the whole discovery URL
    public static long founding(List<String> peerUrls, String token) {
        return hash(String.join("", peerUrls.stream().sorted().toList()) + token);
    }

    /// Id of a member added to a running cluster.
    ///
    /// @param unixSeconds when the request was received
    public static long added(List<String> peerUrls, long unixSeconds) {
        return founding(peerUrls, Long.toString(unixSeconds));
    }

    /// Id of the cluster that these members found; later changes don't alter it.
    public static long cluster(Collection<Long> founders) {
        var bytes = ByteBuffer.allocate(founders.size() * Long.BYTES);
        founders.stream().sorted(Long::compareUnsigned).forEach(bytes::putLong);
        return hash(bytes.array());
    }

    public static String text(long id) {
        return Long.toHexString(id);
    }

    /// Empty if the text is no id; leading zeros and capitals are accepted.
    public static OptionalLong parse(String text) {
        return HEX.matcher(text).matches() ? OptionalLong.of(Long.parseUnsignedLong(text, 16)) : OptionalLong.empty();
    }

    private static long hash(String text) {
        return hash(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long hash(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-1").digest(bytes))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
