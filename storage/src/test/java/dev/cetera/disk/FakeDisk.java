package dev.cetera.disk;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A file system in memory that is as unkind as a real one may be, and the same each time for one seed. What
/// was not synced is lost in any combination when the power goes: each 512-byte sector by itself (in any of
/// the versions it had since the last sync), each file's size, each change to a directory that was not synced
/// itself.
///
/// Operations that change something are numbered from 1, over all files; [#failAt] names one of them.
/// Guarded by `this`.
public final class FakeDisk implements Disk {
    /// A change to directories that no [#syncDirectory] has confirmed. Creating has no `from`, deleting no
    /// `to`.
    private record Change(
            @Nullable FakeDirectory fromDirectory,
            @Nullable String from,
            @Nullable FakeDirectory toDirectory,
            @Nullable String to,
            FakeNode node) {
        boolean touches(FakeDirectory directory) {
            return fromDirectory == directory || toDirectory == directory;
        }

        void applyTo(Function<FakeDirectory, Map<String, FakeNode>> names) {
            if (fromDirectory != null && from != null) {
                names.apply(fromDirectory).remove(from, node);
            }
            if (toDirectory != null && to != null) {
                names.apply(toDirectory).put(to, node);
            }
        }
    }

    private final Random random;
    private FakeDirectory root = new FakeDirectory();
    private final List<Change> changes = new ArrayList<>();
    private final IdentityHashMap<FakeNode, EnumMap<LockKind, FakeFile>> locks = new IdentityHashMap<>();
    private final Map<Long, Fault> faults = new HashMap<>();
    private final Map<Path, String> modes = new HashMap<>();
    private final List<Predicate<Path>> skippedSyncs = new ArrayList<>();
    private final List<Predicate<Path>> unreadable = new ArrayList<>();
    private final List<Predicate<Path>> failingSyncs = new ArrayList<>();
    private final List<Path> failedSyncs = new ArrayList<>();
    private long skippedSyncNumber;
    private long operations;
    private long syncs;
    private long capacityBytes = Long.MAX_VALUE;
    private boolean off;

    public FakeDisk(long seed) {
        random = new Random(seed);
    }

    // ---- what tests do to it ----

    /// Somebody has changed the rights to a directory.
    public synchronized void mode(Path directory, String mode) {
        modes.put(directory, mode);
    }

    /// The disk after a power loss. This one is off from now on; asked again it gives another possible
    /// outcome.
    public synchronized FakeDisk crash() {
        off = true;
        var after = new FakeDisk(random.nextLong());
        var loss = FakeContent.Loss.pick(random);
        var names = new IdentityHashMap<FakeDirectory, Map<String, FakeNode>>();
        for (var change : changes) {
            if (loss.pick(random, 1) == 1) {
                change.applyTo(directory -> names.computeIfAbsent(directory, d -> new TreeMap<>(d.durable)));
            }
        }
        after.root = (FakeDirectory) survivor(root, loss, names, new IdentityHashMap<>());
        return after;
    }

    private FakeNode survivor(
            FakeNode node,
            FakeContent.Loss loss,
            IdentityHashMap<FakeDirectory, Map<String, FakeNode>> names,
            IdentityHashMap<FakeNode, FakeNode> done) {
        var known = done.get(node);
        if (known != null) {
            return known;
        }
        return switch (node) {
            case FakeContent content -> {
                var left = content.afterPowerLoss(random, loss);
                done.put(node, left);
                yield left;
            }
            case FakeDirectory directory -> {
                var left = new FakeDirectory();
                done.put(node, left);
                names.getOrDefault(directory, directory.durable)
                        .forEach((name, child) -> left.entries.put(name, survivor(child, loss, names, done)));
                left.durable.putAll(left.entries);
                yield left;
            }
        };
    }

    /// The disk after kill -9: all that was written is there, though as little durable as before. This one is
    /// off.
    public synchronized FakeDisk kill() {
        off = true;
        return copy();
    }

    /// Another disk with all that was written to this one, and as little durable.
    public synchronized FakeDisk copy() {
        var after = new FakeDisk(random.nextLong());
        var done = new IdentityHashMap<FakeNode, FakeNode>();
        after.root = (FakeDirectory) copy(root, done);
        for (var change : changes) {
            after.changes.add(new Change(
                    change.fromDirectory == null ? null : (FakeDirectory) copy(change.fromDirectory, done),
                    change.from,
                    change.toDirectory == null ? null : (FakeDirectory) copy(change.toDirectory, done),
                    change.to,
                    copy(change.node, done)));
        }
        after.capacityBytes = capacityBytes;
        return after;
    }

    private static FakeNode copy(FakeNode node, IdentityHashMap<FakeNode, FakeNode> done) {
        var known = done.get(node);
        if (known != null) {
            return known;
        }
        return switch (node) {
            case FakeContent content -> {
                var copy = content.copy();
                done.put(node, copy);
                yield copy;
            }
            case FakeDirectory directory -> {
                var copy = new FakeDirectory();
                done.put(node, copy);
                directory.entries.forEach((name, child) -> copy.entries.put(name, copy(child, done)));
                directory.durable.forEach((name, child) -> copy.durable.put(name, copy(child, done)));
                yield copy;
            }
        };
    }

    /// How many changing operations there were: opens that create, writes, truncations, allocations, syncs,
    /// renames, deletions, new directories, directory syncs.
    public synchronized long operations() {
        return operations;
    }

    /// Lets the operation of that number fail, counted as [#operations] does; the next one is `operations() +
    /// 1`.
    public synchronized void failAt(long operationNumber, Fault fault) {
        faults.put(operationNumber, fault);
    }

    /// How many syncs there were, of files and directories.
    public synchronized long syncs() {
        return syncs;
    }

    /// Breaks the disk: the n-th sync from now on (1 is the next) does nothing and says that all is well.
    public synchronized void skipSync(long n) {
        skippedSyncNumber = syncs + n;
    }

    /// Breaks the disk: syncs of these paths do nothing and say that all is well.
    public synchronized void skipSyncs(Predicate<Path> paths) {
        skippedSyncs.add(paths);
    }

    /// The next sync of one of these files fails, as by [Fault#IO_ERROR].
    public synchronized void failNextSync(Predicate<Path> paths) {
        failingSyncs.add(paths);
    }

    /// Files of which a sync failed.
    public synchronized List<Path> failedSyncs() {
        return List.copyOf(failedSyncs);
    }

    /// Reads of these paths fail from now on. Mapped memory is not concerned.
    public synchronized void failReads(Predicate<Path> paths) {
        unreadable.add(paths);
    }

    /// The disk is full when its files fill that many bytes, counted in blocks of 4096.
    public synchronized void limitCapacity(long bytes) {
        capacityBytes = bytes;
    }

    /// Turns over one bit of a file, as the process sees it from now on, and after a power loss unless it is
    /// in a sector that was not synced.
    public synchronized void flipBit(Path path, long position, int bit) throws IOException {
        content(path).flip(position, bit);
    }

    /// Puts a file there, durable, with the directories above it. Not counted as an operation.
    public synchronized void put(Path path, byte[] bytes) {
        var directory = root;
        for (var name : requireNonNull(path.getParent())) {
            var child = directory.entries.computeIfAbsent(name.toString(), _ -> new FakeDirectory());
            directory.durable.put(name.toString(), child);
            directory = (FakeDirectory) child;
        }
        var content = new FakeContent();
        content.write(ByteBuffer.wrap(bytes), 0);
        content.sync();
        directory.entries.put(path.getFileName().toString(), content);
        directory.durable.put(path.getFileName().toString(), content);
    }

    /// All bytes of a file as the process sees them.
    public synchronized byte[] bytes(Path path) throws IOException {
        var content = content(path);
        var bytes = new byte[Math.toIntExact(content.size())];
        content.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    /// All files as the process sees them, also after its end.
    public synchronized SortedMap<Path, byte[]> files() {
        var files = new TreeMap<Path, byte[]>();
        gather(Path.of("/"), root, files);
        return files;
    }

    private static void gather(Path path, FakeNode node, SortedMap<Path, byte[]> files) {
        switch (node) {
            case FakeContent content -> {
                var bytes = new byte[Math.toIntExact(content.size())];
                content.read(ByteBuffer.wrap(bytes), 0);
                files.put(path, bytes);
            }
            case FakeDirectory directory ->
                directory.entries.forEach((name, child) -> gather(path.resolve(name), child, files));
        }
    }

    /// Bytes that files fill, counted in blocks of 4096.
    public synchronized long usedBytes() {
        return used(root);
    }

    // ---- faults ----

    /// Counts an operation and lets it fail if it must. `partly` is what a crash in its middle may have done.
    private void operation(Path path, Runnable partly) throws IOException {
        checkOn();
        operations++;
        var fault = faults.remove(operations);
        switch (fault) {
            case null -> {}
            case CRASH -> {
                partly.run();
                off = true;
                throw new SimulatedCrash("operation " + operations + " on " + path);
            }
            case IO_ERROR -> throw broken(path);
            case SHORT_WRITE -> {
                partly.run();
                throw broken(path);
            }
            case NO_SPACE -> throw full(path);
        }
    }

    private void perhaps(Runnable change) {
        if (random.nextBoolean()) {
            change.run();
        }
    }

    private void checkOn() {
        if (off) {
            throw new SimulatedCrash("the disk is off");
        }
    }

    private void failSyncIfAsked(Path path) throws FileSystemException {
        if (failingSyncs.removeIf(failing -> failing.test(path))) {
            throw broken(path);
        }
    }

    private static FileSystemException broken(Path path) {
        return new FileSystemException(path.toString(), null, "Input/output error");
    }

    private static FileSystemException full(Path path) {
        return new FileSystemException(path.toString(), null, "No space left on device");
    }

    private boolean skipsSync(Path path) {
        syncs++;
        return syncs == skippedSyncNumber || skippedSyncs.stream().anyMatch(skip -> skip.test(path));
    }

    private void requireSpace(Path path, long growth) throws FileSystemException {
        if (capacityBytes != Long.MAX_VALUE && growth > 0 && used(root) + growth > capacityBytes) {
            throw full(path);
        }
    }

    private static long used(FakeNode node) {
        return switch (node) {
            case FakeContent content -> content.blockBytes();
            case FakeDirectory directory ->
                directory.entries.values().stream().mapToLong(FakeDisk::used).sum();
        };
    }

    // ---- names ----

    private @Nullable FakeNode find(@Nullable Path path) {
        FakeNode node = root;
        if (path == null) {
            return node;
        }
        for (var name : path) {
            if (!(node instanceof FakeDirectory directory)) {
                return null;
            }
            var child = directory.entries.get(name.toString());
            if (child == null) {
                return null;
            }
            node = child;
        }
        return node;
    }

    private FakeNode require(Path path) throws NoSuchFileException {
        var node = find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        return node;
    }

    private FakeContent content(Path path) throws IOException {
        if (require(path) instanceof FakeContent content) {
            return content;
        }
        throw new FileSystemException(path.toString(), null, "Is a directory");
    }

    private FakeDirectory directory(@Nullable Path path) throws IOException {
        var node = find(path);
        if (node == null) {
            throw new NoSuchFileException(String.valueOf(path));
        }
        if (node instanceof FakeDirectory directory) {
            return directory;
        }
        throw new NotDirectoryException(String.valueOf(path));
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private void change(Change change) {
        change.applyTo(directory -> directory.entries);
        changes.add(change);
    }

    @Override
    public synchronized DiskFile open(Path path, OpenMode mode) throws IOException {
        checkOn();
        var node = find(path);
        switch (mode) {
            case READ, WRITE -> require(path);
            case CREATE, CREATE_NEW -> {
                if (node != null && mode == OpenMode.CREATE_NEW) {
                    throw new FileAlreadyExistsException(path.toString());
                }
                if (node == null) {
                    var directory = directory(path.getParent());
                    var create = new Change(null, null, directory, name(path), new FakeContent());
                    operation(path, () -> perhaps(() -> change(create)));
                    change(create);
                }
            }
        }
        return new FakeFile(path, content(path), mode);
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        checkOn();
        return List.copyOf(directory(directory).entries.keySet());
    }

    @Override
    public synchronized boolean exists(Path path) {
        checkOn();
        return find(path) != null;
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        checkOn();
        return find(path) instanceof FakeDirectory;
    }

    @Override
    public synchronized long size(Path path) throws IOException {
        checkOn();
        return content(path).size();
    }

    @Override
    public synchronized void createDirectories(Path path) throws IOException {
        checkOn();
        var directory = root;
        for (var name : path) {
            var child = directory.entries.get(name.toString());
            if (child == null) {
                child = new FakeDirectory();
                var create = new Change(null, null, directory, name.toString(), child);
                operation(path, () -> perhaps(() -> change(create)));
                change(create);
            }
            if (!(child instanceof FakeDirectory below)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            directory = below;
        }
    }

    @Override
    public synchronized String mode(Path directory) {
        return modes.getOrDefault(directory, OWNER_ONLY_MODE);
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        checkOn();
        var node = require(from);
        var target = directory(to.getParent());
        if (target.entries.get(name(to)) instanceof FakeDirectory full
                && (!(node instanceof FakeDirectory) || !full.entries.isEmpty())) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        var rename = new Change(directory(from.getParent()), name(from), target, name(to), node);
        operation(from, () -> perhaps(() -> change(rename)));
        change(rename);
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        checkOn();
        var node = require(path);
        if (node instanceof FakeDirectory directory && !directory.entries.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        var delete = new Change(directory(path.getParent()), name(path), null, null, node);
        operation(path, () -> perhaps(() -> change(delete)));
        change(delete);
    }

    @Override
    public synchronized void syncDirectory(Path path) throws IOException {
        checkOn();
        var directory = directory(path);
        operation(path, () -> {});
        if (skipsSync(path)) {
            return;
        }
        for (var change : changes) {
            if (change.touches(directory)) {
                change.applyTo(names -> names.durable);
            }
        }
        changes.removeIf(change -> change.touches(directory));
    }

    /// An open file. A handle keeps its content when the name moves or goes.
    private final class FakeFile implements DiskFile {
        private final Path path;
        private final FakeContent content;
        private final OpenMode mode;
        private boolean closed;

        FakeFile(Path path, FakeContent content, OpenMode mode) {
            this.path = path;
            this.content = content;
            this.mode = mode;
        }

        private void checkOpen() throws IOException {
            checkOn();
            if (closed) {
                throw new ClosedChannelException();
            }
        }

        private void checkWritable() throws IOException {
            checkOpen();
            if (mode == OpenMode.READ) {
                throw new FileSystemException(path.toString(), null, "Bad file descriptor");
            }
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() throws IOException {
            synchronized (FakeDisk.this) {
                checkOpen();
                return content.size();
            }
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            synchronized (FakeDisk.this) {
                checkOpen();
                if (unreadable.stream().anyMatch(bad -> bad.test(path))) {
                    throw broken(path);
                }
                return content.read(dst, position);
            }
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            synchronized (FakeDisk.this) {
                checkWritable();
                operation(path, () -> {
                    // Whole sectors, as a page of the cache is never written back in the middle of a change.
                    long end = position + random.nextInt(src.remaining() + 1);
                    int part = (int) Math.max(0, end - end % FakeContent.SECTOR_BYTES - position);
                    content.write(src.slice(src.position(), part), position);
                });
                requireSpace(path, content.growth(position, position + src.remaining()));
                content.write(src, position);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FakeDisk.this) {
                checkWritable();
                operation(path, () -> perhaps(() -> content.truncate(size)));
                content.truncate(size);
            }
        }

        @Override
        public void allocate(long size) throws IOException {
            synchronized (FakeDisk.this) {
                checkWritable();
                operation(path, () -> perhaps(() -> content.allocate(size)));
                requireSpace(path, content.growth(0, size));
                content.allocate(size);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (FakeDisk.this) {
                checkOpen();
                try {
                    operation(path, () -> {});
                    failSyncIfAsked(path);
                } catch (IOException failed) {
                    content.failSync();
                    failedSyncs.add(path);
                    throw failed;
                }
                if (!skipsSync(path)) {
                    content.sync();
                }
            }
        }

        @Override
        public boolean tryLock(LockKind kind) throws IOException {
            synchronized (FakeDisk.this) {
                checkOpen();
                var holders = locks.computeIfAbsent(content, _ -> new EnumMap<>(LockKind.class));
                return holders.computeIfAbsent(kind, _ -> this) == this;
            }
        }

        @Override
        public MemorySegment map(long length, Arena arena) throws IOException {
            synchronized (FakeDisk.this) {
                checkOpen();
                if (length > content.size()) {
                    throw new FileSystemException(path.toString(), null, "mapped beyond its end");
                }
                return content.map(length, arena);
            }
        }

        @Override
        public void close() {
            synchronized (FakeDisk.this) {
                closed = true;
                var holders = locks.get(content);
                if (holders != null) {
                    holders.values().removeIf(holder -> holder == this);
                    if (holders.isEmpty()) {
                        locks.remove(content);
                    }
                }
            }
        }
    }
}
