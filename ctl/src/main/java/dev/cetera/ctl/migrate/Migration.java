package dev.cetera.ctl.migrate;

import dev.cetera.ctl.print.GoJson;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import dev.cetera.v2.V2Node;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes nodes of the v2 tree into a database, each at the revision that its index was. Confined.
///
/// @param upTo index of the last entry whose keys it writes
public record Migration(Backend backend, long upTo) {
    /// What the keys were changed by before is not known; that they were is.
    private static final long VERSION = 1;

    /// Each key as it is; directories have no counterpart.
    public void asTheyAre(List<V2Node> nodes) throws IOException {
        for (var node : nodes) {
            var value = node.value();
            if (!node.dir() && value != null) {
                put(KeyValue.put(
                        node.key().getBytes(StandardCharsets.UTF_8),
                        node.createdIndex(),
                        node.modifiedIndex(),
                        VERSION,
                        value.getBytes(StandardCharsets.UTF_8),
                        0));
            }
        }
        commit();
    }

    /// What a program makes of them: it reads nodes as JSON, one behind the other, and writes pairs as
    /// messages, each behind its length in 8 bytes, the lowest first.
    public void madeBy(Process program, List<V2Node> nodes) throws IOException, InterruptedException {
        var told = Thread.ofVirtual().name("transformer").start(() -> tell(program.getOutputStream(), nodes));
        try (var answers = new DataInputStream(program.getInputStream())) {
            var length = new byte[Long.BYTES];
            while (true) {
                try {
                    answers.readFully(length);
                } catch (EOFException e) {
                    break;
                }
                var size =
                        ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
                put(KeyValue.of(answers.readNBytes(Math.toIntExact(size))));
            }
        }
        told.join();
        int code = program.waitFor();
        if (code != 0) {
            throw new IOException("exit status " + code);
        }
        commit();
    }

    /// A program that ends before it was told all says why by its exit code.
    private static void tell(OutputStream program, List<V2Node> nodes) {
        try (program) {
            for (var node : nodes) {
                program.write(json(node).getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    static String json(V2Node node) {
        var json = new GoJson().open().name("key").text(node.key());
        if (node.value() != null) {
            json.name("value").text(node.value());
        }
        if (node.dir()) {
            json.name("dir").raw(true);
        }
        if (node.expiration() != null) {
            json.name("expiration").text(node.expiration().toString());
        }
        if (node.ttlSeconds() != 0) {
            json.name("ttl").raw(node.ttlSeconds());
        }
        if (node.modifiedIndex() != 0) {
            json.name("modifiedIndex").raw(node.modifiedIndex());
        }
        if (node.createdIndex() != 0) {
            json.name("createdIndex").raw(node.createdIndex());
        }
        return json.close().toString();
    }

    private void put(KeyValue pair) {
        backend.put(Bucket.KEY, Revision.putKey(pair.modRevision(), 0), pair.encoded());
    }

    /// All at once, and with them that the entries up to here need not be applied again.
    private void commit() throws IOException {
        backend.consistentIndex(Math.max(upTo, backend.consistentIndex()));
        backend.commit();
    }
}
