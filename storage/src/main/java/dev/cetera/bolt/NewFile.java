package dev.cetera.bolt;

import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The four pages of an empty bolt file: two metas, an empty freelist, an empty leaf.
final class NewFile {
    private static final int PAGES = 4;
    private static final int FREELIST = 2;
    private static final int ROOT = 3;

    private NewFile() {}

    /// Writes them into a file that has nothing yet, or no more than a power loss left of the same attempt.
    /// Such a file never held a commit.
    static void createIfUnfinished(Disk disk, DiskFile file, int pageSize) throws IOException {
        var image = image(pageSize);
        if (file.size() > image.length || isFinished(file, image)) {
            return;
        }
        var direct = ByteBuffer.allocateDirect(image.length).put(image).flip();
        file.write(direct, 0);
        file.sync();
        var directory = file.path().toAbsolutePath().getParent();
        if (directory != null) {
            disk.syncDirectory(directory);
        }
    }

    /// Whether what is there is all of the image, or has a byte that is neither the image's nor zero.
    private static boolean isFinished(DiskFile file, byte[] image) throws IOException {
        var found = new byte[image.length];
        file.read(ByteBuffer.wrap(found), 0);
        if (Arrays.equals(found, image)) {
            return file.size() == image.length;
        }
        for (int i = 0; i < image.length; i++) {
            if (found[i] != 0 && found[i] != image[i]) {
                return true;
            }
        }
        return false;
    }

    private static byte[] image(int pageSize) {
        var image = ByteBuffer.allocate(PAGES * pageSize).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < Pages.FIRST; i++) {
            new Meta(pageSize, ROOT, 0, FREELIST, PAGES, i).encode(image.slice(i * pageSize, pageSize), i);
        }
        image.putLong(FREELIST * pageSize, FREELIST).putShort(FREELIST * pageSize + 8, Page.FREELIST);
        image.putLong(ROOT * pageSize, ROOT).putShort(ROOT * pageSize + 8, Page.LEAF);
        return image.array();
    }
}
