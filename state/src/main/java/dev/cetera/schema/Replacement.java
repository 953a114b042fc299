package dev.cetera.schema;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.BoltOptions;
import dev.cetera.bolt.Shrinking;
import dev.cetera.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/// The whole file of another member, on its way into the place of this one's ([Backend#replaceBy]). It can be
/// read before, so that whoever keeps a picture of the file in memory has the new one ready. Confined.
public final class Replacement implements Closeable {
    private final Path path;
    private final Bolt bolt;
    private final Position position;
    private boolean taken;

    private Replacement(Path path, Bolt bolt, Position position) {
        this.path = path;
        this.bolt = bolt;
        this.position = position;
    }

    /// Opens the file and makes the buckets that are missing.
    ///
    /// @param shrinking as of the backend whose file it is to be
    public static Replacement open(Disk disk, Path path, Shrinking shrinking) throws IOException {
        var bolt = Bolt.open(disk, path, BoltOptions.DEFAULTS.withShrinking(shrinking));
        try {
            Backend.makeBuckets(bolt);
            return new Replacement(path, bolt, Position.of(bolt));
        } catch (IOException | RuntimeException e) {
            bolt.close();
            throw e;
        }
    }

    /// What the file holds. To be closed.
    public Snapshot snapshot() {
        return new Snapshot(bolt.read(), Snapshot.NO_GENERATION);
    }

    public Path path() {
        return path;
    }

    /// Index of the last entry that the file contains.
    public long consistentIndex() {
        return position.index();
    }

    Position position() {
        return position;
    }

    /// From here on the file belongs to the backend.
    Bolt take() {
        taken = true;
        return bolt;
    }

    /// Lets go of a file that was not put in place.
    @Override
    public void close() throws IOException {
        if (!taken) {
            taken = true;
            bolt.close();
        }
    }
}
