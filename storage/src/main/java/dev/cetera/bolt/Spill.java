package dev.cetera.bolt;

import dev.cetera.bolt.Freelist.Run;
import dev.cetera.disk.CorruptionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns the nodes of one commit into pages: children before their parents, each on pages that no earlier
/// commit uses. Decides only, until [#writeTo]; whatever comes of the commit, [#settle] or [#undo] ends it.
/// Confined.
final class Spill {
    /// A leaf of no more elements is never split, however big: each page after a split keeps two.
    private static final int SPLITTABLE = 4;

    private static final int KEPT = 2;

    /// What a branch says of a page below it.
    record Piece(byte[] firstKey, long number) {}

    /// Elements `from` to `to` of a node, or the list of free pages, to be written as one page and its
    /// overflow.
    private record Image(Run place, @Nullable Node node, int from, int to, BitSet freelist) {}

    private static final BitSet NO_LIST = new BitSet();

    private final Freelist freelist;
    private final int pageSize;
    private final List<Run> allocated = new ArrayList<>();
    private final List<Run> freed = new ArrayList<>();
    private final List<Image> images = new ArrayList<>();
    private @Nullable Run listPlace;

    /// Pages that this commit takes from the end of the file.
    private @Nullable Run cut;

    private long highWater;
    private double fill = Tree.DEFAULT_FILL;

    Spill(Freelist freelist, int pageSize, long highWater) {
        this.freelist = freelist;
        this.pageSize = pageSize;
        this.highWater = highWater;
    }

    long highWater() {
        return highWater;
    }

    /// Gives up the pages a node was read from.
    void free(Node node) {
        if (node.number != 0) {
            free(new Run(node.number, node.run));
        }
    }

    void free(Run run) {
        freed.add(run);
    }

    /// Lays out a whole tree.
    ///
    /// @return the page of its root
    long write(Node root, double fillFraction) throws CorruptionException {
        fill = fillFraction;
        var pieces = root.count == 0 ? List.of(image(root, 0, 0)) : pieces(root);
        while (pieces.size() > 1) {
            pieces = split(new BranchNode(pieces));
        }
        if (root.count == 0) {
            free(root);
        }
        return pieces.getFirst().number();
    }

    /// Lays out a node and all below it; nothing for one without elements.
    List<Piece> pieces(Node node) throws CorruptionException {
        if (node instanceof BranchNode branch) {
            branch.replaceLoaded(this);
        }
        free(node);
        return split(node);
    }

    private List<Piece> split(Node node) {
        var pieces = new ArrayList<Piece>();
        long target = (long) (pageSize * fill);
        long rest = node.bytes();
        for (int from = 0; from < node.count; ) {
            int to = node.count;
            if (rest >= pageSize && node.count - from > SPLITTABLE) {
                long bytes = Page.HEADER;
                to = from;
                while (to < node.count - KEPT) {
                    long next = node.elementBytes(to);
                    if (to - from >= KEPT && bytes + next > target) {
                        break;
                    }
                    bytes += next;
                    to++;
                }
                rest -= bytes - Page.HEADER;
            }
            pieces.add(image(node, from, to));
            from = to;
        }
        return pieces;
    }

    private Piece image(Node node, int from, int to) {
        long bytes = Page.HEADER;
        for (int i = from; i < to; i++) {
            bytes += node.elementBytes(i);
        }
        var place = allocate(Math.toIntExact((bytes + pageSize - 1) / pageSize));
        images.add(new Image(place, node, from, to, NO_LIST));
        return new Piece(from < to ? node.keys[from] : new byte[0], place.first());
    }

    /// Finds a place for the list of free pages as it will be after this commit.
    ///
    /// @return its page
    long writeFreelist() {
        long listed =
                freelist.listedPages() + freed.stream().mapToLong(Run::pages).sum();
        listPlace = allocate(FreelistPage.pagesFor(listed, pageSize));
        return listPlace.first();
    }

    /// The last thing to be decided: when the file ends in at least so many free pages, they are no longer
    /// part of it. No commit that can still be read leads to a free page, the one before this one included.
    void lowerHighWater(long leastPages) {
        long end = freelist.freeTail(highWater);
        if (highWater - end >= leastPages) {
            cut = new Run(end, Math.toIntExact(highWater - end));
            freelist.forget(cut);
            highWater = end;
        }
    }

    private Run allocate(int pages) {
        long first = freelist.allocate(pages);
        if (first < 0) {
            first = highWater;
            highWater += pages;
            if (highWater > Freelist.END) {
                throw new IllegalStateException("the file would have more than " + Freelist.END + " pages");
            }
        } else {
            allocated.add(new Run(first, pages));
        }
        return new Run(first, pages);
    }

    static byte[] bucketHeader(long root, long sequence) {
        return ByteBuffer.allocate(Page.BUCKET_HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(root)
                .putLong(sequence)
                .array();
    }

    byte[] inlineBucket(LeafNode leaf, long sequence) {
        var bytes = ByteBuffer.allocate(Math.toIntExact(Page.BUCKET_HEADER + leaf.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0).putLong(sequence);
        encode(bytes, leaf, 0, leaf.count, 0, 1);
        return bytes.array();
    }

    /// Writes all pages, rising, neighbours in one go.
    void writeTo(PageWriter out) throws IOException {
        if (listPlace != null) {
            images.add(new Image(listPlace, null, 0, 0, freelist.listed(freed)));
        }
        images.sort(Comparator.comparingLong(image -> image.place.first()));
        for (var image : images) {
            var place = image.place;
            var bytes = out.reserve(place.first() * pageSize, place.pages() * (long) pageSize);
            if (image.node == null) {
                FreelistPage.encode(bytes, place.first(), place.pages(), image.freelist);
            } else {
                encode(bytes, image.node, image.from, image.to, place.first(), place.pages());
            }
            out.written();
        }
        out.flush();
    }

    /// Writes elements as a page at the buffer's position.
    private static void encode(ByteBuffer out, Node node, int from, int to, long number, int pages) {
        int count = to - from;
        out.putLong(number)
                .putShort(node.isLeaf() ? Page.LEAF : Page.BRANCH)
                .putShort((short) count)
                .putInt(pages - 1);
        int element = out.position();
        int data = element + count * Page.ELEMENT;
        for (int i = from; i < to; i++, element += Page.ELEMENT) {
            var key = node.keys[i];
            if (node instanceof BranchNode branch) {
                out.putInt(data - element).putInt(key.length).putLong(branch.child(i));
                out.put(data, key);
                data += key.length;
            } else {
                var value = node.value(i);
                out.putInt(node.isBucket(i) ? Page.BUCKET_FLAG : 0)
                        .putInt(data - element)
                        .putInt(key.length)
                        .putInt(value.length);
                out.put(data, key).put(data + key.length, value);
                data += key.length + value.length;
            }
        }
        out.position(data);
    }

    /// The commit is done: what it replaced waits for its readers.
    void settle(long txid) {
        freelist.giveUp(txid, freed);
    }

    /// The commit is not going to be.
    void undo() {
        allocated.forEach(freelist::putBack);
        if (cut != null) {
            freelist.putBack(cut);
        }
    }
}
