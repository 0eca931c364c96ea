package org.wherefore.api.data.spi;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.Picture;

/** Writes a picture in one format, for a report or another system. Thread-safe; keeps nothing between calls, writes no file. */
@ConsumerType
public interface ImageEncoder {
    /** Name of the format, such as {@code dicom}. */
    String name();

    /**
     * The bytes of a whole file.
     *
     * @param tags what the file says of the picture, by names that the encoder lists in its documentation; unknown ones are refused
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} naming the tag, when one is unknown or can't be written
     */
    byte[] encode(Picture picture, Map<String, String> tags);
}
