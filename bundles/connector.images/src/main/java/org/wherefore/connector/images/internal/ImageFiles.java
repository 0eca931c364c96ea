package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.spi.ImageDecoder;

/** Loads image files below one folder, and none outside it. Immutable. */
final class ImageFiles {
    private final Path root;
    private final List<ImageDecoder> decoders;

    /** @param root exists */
    ImageFiles(Path root, List<ImageDecoder> decoders) throws IOException {
        this.root = root.toRealPath();
        this.decoders = decoders;
    }

    /** @param name of the file, relative to the folder, with {@code /} */
    Picture load(String name) throws Table.BadValue {
        try {
            Path file = root.resolve(name).normalize();
            if (!file.startsWith(root) || !Files.exists(file)) {
                throw new Table.BadValue(name, "an image file below " + root);
            }
            Path real = file.toRealPath();
            if (!real.startsWith(root) || !Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
                throw new Table.BadValue(name, "an image file below " + root + ", not a link out of it");
            }
            if (Files.size(real) > PictureDecoder.MAX_BYTES) {
                throw new Table.BadValue(name, "a file of at most " + PictureDecoder.MAX_BYTES + " bytes, got " + Files.size(real));
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(real)) {
                bytes = in.readNBytes(PictureDecoder.MAX_BYTES);
            }
            byte[] head = Arrays.copyOf(bytes, Math.min(ImageDecoder.HEAD, bytes.length));
            for (ImageDecoder decoder : decoders) {
                if (decoder.supports(head)) {
                    return decoder.decode(bytes).picture();
                }
            }
            throw new Table.BadValue(name, "an image that one of " + decoders.stream().map(ImageDecoder::name).toList() + " reads, got "
                    + (bytes.length == 0 ? "an empty file" : "another format"));
        } catch (WhereforeException e) {
            throw new Table.BadValue(name, "a sound image, got " + e.getMessage());
        } catch (InvalidPathException e) {
            throw new Table.BadValue(name, "the name of a file");
        } catch (IOException e) {
            throw new Table.BadValue(name, "a file that can be read, got " + e.getClass().getSimpleName());
        }
    }
}
