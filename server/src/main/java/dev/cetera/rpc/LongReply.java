package dev.cetera.rpc;

import com.google.protobuf.CodedOutputStream;
import dev.cetera.api.Refusal;
import dev.cetera.node.Answer;
import dev.cetera.node.LongAnswer;
import dev.cetera.schema.KeyValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// A [RangeReply] that is read and encoded while the client takes it. Asked for one piece after the other, by
/// whichever thread.
final class LongReply implements Outlet.Source {
    private final RangeReply reply;
    private final LongAnswer rest;
    private final Runnable whenSent;
    private long left;
    private boolean begun;

    /// @param whenSent closes the call
    LongReply(RangeReply reply, LongAnswer rest, Runnable whenSent) {
        this.reply = reply;
        this.rest = rest;
        this.whenSent = whenSent;
        this.left = rest.bytes();
    }

    @Override
    public void next(int bytes, Outlet.Taker taker) {
        rest.next(bytes, new Answer<>() {
            @Override
            public void done(List<KeyValue> kvs) {
                if (kvs.isEmpty()) {
                    taker.none(); // closed meanwhile
                } else {
                    encode(kvs, bytes, taker);
                }
            }

            @Override
            public void refused(Refusal why) {
                taker.none();
            }
        });
    }

    private void encode(List<KeyValue> kvs, int about, Outlet.Taker taker) {
        try {
            var out = new Bytes(about + about / 4);
            var coded = CodedOutputStream.newInstance(out, 512);
            if (!begun) {
                begun = true;
                reply.writeBeginning(coded);
            }
            RangeReply.writeList(coded, kvs);
            for (var kv : kvs) {
                left -= kv.listedBytes();
            }
            if (left == 0) {
                reply.writeEnd(coded);
            }
            coded.flush();
            taker.piece(out.array(), out.size(), left == 0);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can't be written", impossible);
        }
    }

    @Override
    public void sent() {
        whenSent.run();
    }

    @Override
    public void dropped() {
        rest.close();
    }

    /// Gives its array away.
    private static final class Bytes extends ByteArrayOutputStream {
        Bytes(int capacity) {
            super(capacity);
        }

        byte[] array() {
            return buf;
        }
    }
}
