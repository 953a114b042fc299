package dev.cetera.tls;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Private keys in the forms that Go takes, whatever label they stand under: PKCS#8, PKCS#1 (RSA) or SEC 1
/// (EC).
public final class PrivateKeys {
    // The content of an AlgorithmIdentifier, as DER.
    private static final byte[] RSA = {
        0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    private static final byte[] EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int PARAMETERS = 0xa0;

    private PrivateKeys() {}

    /// From DER in any of the three forms; null for what is none of them.
    public static @Nullable PrivateKey read(byte[] der) {
        var forms = new ArrayList<byte[]>();
        forms.add(der);
        forms.add(wrapped(RSA, der));
        var curve = curve(der);
        if (curve != null) {
            forms.add(wrapped(concat(EC, curve), der));
        }
        return forms.stream()
                .flatMap(pkcs8 -> Stream.of("RSA", "EC", "Ed25519").map(algorithm -> parse(pkcs8, algorithm)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable PrivateKey parse(byte[] pkcs8, String algorithm) {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException another) {
            return null;
        }
    }

    /// PKCS#8 around a bare key.
    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return tlv(SEQUENCE, concat(VERSION_0, tlv(SEQUENCE, algorithm), tlv(OCTETS, key)));
    }

    /// The object identifier in a SEC 1 key: `SEQUENCE { 1, OCTET STRING, [0] { OID } ... }`. Null when there
    /// is none.
    private static byte @Nullable [] curve(byte[] sec1) {
        var fields = contents(sec1, 0, SEQUENCE);
        if (fields == null) {
            return null;
        }
        int at = 0;
        while (at < fields.length) {
            int length = length(fields, at);
            if (length < 0) {
                return null;
            }
            if ((fields[at] & 0xff) == PARAMETERS) {
                return contents(fields, at, PARAMETERS);
            }
            at += header(fields, at) + length;
        }
        return null;
    }

    private static byte @Nullable [] contents(byte[] der, int at, int tag) {
        int length = length(der, at);
        if (length < 0 || (der[at] & 0xff) != tag) {
            return null;
        }
        int start = at + header(der, at);
        return Arrays.copyOfRange(der, start, start + length);
    }

    /// Of the contents; -1 when they don't fit.
    private static int length(byte[] der, int at) {
        if (at + 2 > der.length) {
            return -1;
        }
        int length = der[at + 1] & 0xff;
        int header = header(der, at);
        if (header > 4 || at + header > der.length) {
            return -1;
        }
        if (length > 0x7f) {
            length = 0;
            for (int i = at + 2; i < at + header; i++) {
                length = length << 8 | (der[i] & 0xff);
            }
        }
        return at + header + length > der.length ? -1 : length;
    }

    private static int header(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first > 0x7f ? 2 + (first & 0x7f) : 2;
    }

    private static byte[] tlv(int tag, byte[] contents) {
        int length = contents.length;
        byte[] head = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return concat(head, contents);
    }

    private static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
