package org.wherefore.connector.dicom.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Picture;

class DicomDecoderTest {
    private static final List<String> PLAIN = List.of(Parser.IMPLICIT, Parser.EXPLICIT, Parser.BIG_ENDIAN, Parser.DEFLATED);
    private final DicomDecoder decoder = new DicomDecoder((Path) null);

    private Picture picture(byte[] bytes) {
        assertThat(decoder.supports(Arrays.copyOf(bytes, Math.min(512, bytes.length)))).isTrue();
        return decoder.decode(bytes).picture();
    }

    private WhereforeException refused(byte[] bytes, ErrorCode code, String why) {
        WhereforeException[] thrown = new WhereforeException[1];
        assertThatThrownBy(() -> decoder.decode(bytes)).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(why).doesNotContain("Secret", "ID-77");
            thrown[0] = e;
        });
        return thrown[0];
    }

    private static byte[] words(int... values) {
        byte[] out = new byte[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            out[2 * i] = (byte) values[i];
            out[2 * i + 1] = (byte) (values[i] >> 8);
        }
        return out;
    }

    @Test
    void readsEveryPlainEncoding() {
        for (String syntax : PLAIN) {
            Picture p = picture(TestFiles.small().as(syntax));
            assertThat(p).as(syntax).isEqualTo(new Picture(1, 1, 2, new float[] {0, 1}));
        }
    }

    @Test
    void readsFilesWithoutPreambleWhereTheyArePlainlyDicom() {
        TestFiles f = TestFiles.small();
        assertThat(picture(f.content(true, false)).width()).isEqualTo(2);
        assertThat(picture(f.content(false, false)).width()).isEqualTo(2);
        assertThat(picture(f.content(true, true)).width()).isEqualTo(2);
        for (byte[] other : new byte[][] {new byte[0], new byte[600], "\u0089PNG....".getBytes(StandardCharsets.ISO_8859_1), {8, 0, 5, 0, 1, 2}}) {
            assertThat(decoder.supports(other)).isFalse();
            refused(other, ErrorCode.INVALID_INPUT, "another format");
        }
    }

    @Test
    void appliesSignRescaleAndTheFirstWindow() {
        // -1024, 0, 40, 90 as 12 of 16 bits.
        TestFiles f = TestFiles.small().image(1, 4, 16, words(0xc00, 0, 40, 90)).word(Tags.BITS_STORED, 12).word(Tags.HIGH_BIT, 11)
                .word(Tags.PIXEL_REPRESENTATION, 1).text(Tags.RESCALE_SLOPE, "DS", "2").text(Tags.RESCALE_INTERCEPT, "DS", "-80")
                .text(Tags.WINDOW_CENTER, "DS", "40\\50").text(Tags.WINDOW_WIDTH, "DS", "201\\300");
        // Levels -2128, -80, 0, 100; linear from 39.5 - 100 to 39.5 + 100.
        Picture p = picture(f.explicit());
        assertThat(p.samples()[0]).isZero();
        assertThat(p.samples()[1]).isZero();
        assertThat(p.samples()[2]).isCloseTo((0 - 39.5f) / 200 + .5f, within(1e-6f));
        assertThat(p.samples()[3]).isCloseTo((100 - 39.5f) / 200 + .5f, within(1e-6f));
        f.text(Tags.VOI_FUNCTION, "CS", "LINEAR_EXACT");
        assertThat(picture(f.explicit()).samples()[2]).isCloseTo((0 - 40) / 201f + .5f, within(1e-6f));
        f.text(Tags.VOI_FUNCTION, "CS", "SIGMOID");
        assertThat(picture(f.explicit()).samples()[3]).isCloseTo((float) (1 / (1 + Math.exp(-4 * 60 / 201.0))), within(1e-6f));
        f.without(Tags.WINDOW_CENTER);
        assertThat(picture(f.explicit()).samples()[3]).isEqualTo(1);
        assertThat(decoder.decode(f.explicit()).tags()).containsEntry("window", "range");
        f.text(Tags.PHOTOMETRIC, "CS", "MONOCHROME1");
        assertThat(picture(f.explicit()).samples()).startsWith(1).endsWith(0);
    }

    @Test
    void paddingIsBlackAndNotPartOfTheRange() {
        TestFiles f = TestFiles.small().image(1, 3, 16, words(0x8000, 10, 20)).word(Tags.PIXEL_PADDING, 0x8000);
        assertThat(picture(f.explicit()).samples()).containsExactly(0, 0, 1);
        f.text(Tags.PHOTOMETRIC, "CS", "MONOCHROME1");
        assertThat(picture(f.explicit()).samples()).containsExactly(0, 1, 0);
    }

    @Test
    void readsColoursInterleavedPlanarMixedAndByPalette() {
        TestFiles f = TestFiles.small().image(1, 2, 8, new byte[] {(byte) 255, 0, 51, 0, (byte) 255, 102}).word(Tags.SAMPLES_PER_PIXEL, 3)
                .text(Tags.PHOTOMETRIC, "CS", "RGB").word(Tags.PLANAR, 0);
        assertThat(picture(f.explicit()).samples()).containsExactly(1, 0, 0, 1, .2f, .4f);
        f.word(Tags.PLANAR, 1);
        assertThat(picture(f.explicit()).samples()).containsExactly(1, 0, .2f, 0, 1, .4f);
        // Pure red is 76, 85, 255 in full YBR.
        f = TestFiles.small().image(1, 2, 8, new byte[] {76, 85, (byte) 255, (byte) 255, (byte) 128, (byte) 128}).word(Tags.SAMPLES_PER_PIXEL, 3)
                .text(Tags.PHOTOMETRIC, "CS", "YBR_FULL").word(Tags.PLANAR, 0);
        assertThat(picture(f.explicit()).sample(0, 0, 0)).isCloseTo(1, within(.01f));
        assertThat(picture(f.explicit()).sample(1, 0, 0)).isCloseTo(0, within(.01f));
        assertThat(picture(f.explicit()).sample(2, 0, 1)).isEqualTo(1);
        f.bytes(Tags.PIXELS, "OB", new byte[] {76, 76, 85, (byte) 255}).text(Tags.PHOTOMETRIC, "CS", "YBR_FULL_422");
        assertThat(picture(f.explicit()).sample(0, 0, 1)).isCloseTo(1, within(.01f));
        f = TestFiles.small().image(1, 2, 8, new byte[] {5, 6}).text(Tags.PHOTOMETRIC, "CS", "PALETTE COLOR");
        for (int c = 0; c < 3; c++) {
            f.word(Tags.RED_DESCRIPTOR + c, 2, 5, 16).word(Tags.RED_TABLE + c, 0, 65_535 * c / 2);
        }
        for (String syntax : PLAIN) {
            // In the implicit encoding nothing says that these are words.
            assertThat(picture(f.as(syntax)).sample(2, 0, 1)).as(syntax).isEqualTo(1);
            assertThat(picture(f.as(syntax)).sample(1, 0, 1)).as(syntax).isCloseTo(.5f, within(1e-4f));
        }
    }

    @Test
    void readsSingleBitsAcrossBytes() {
        Picture p = picture(TestFiles.small().image(3, 3, 1, new byte[] {0b01010101, 1}).explicit());
        assertThat(p.samples()).containsExactly(1, 0, 1, 0, 1, 0, 1, 0, 1);
    }

    @Test
    void readsRunLengths() {
        byte[] header = new byte[64];
        header[0] = 2;
        header[4] = 64;
        header[8] = 66;
        ByteArrayOutputStream rle = new ByteArrayOutputStream();
        rle.writeBytes(header);
        // High bytes: four times 1. Low bytes: 1, 2, then two of 3.
        rle.writeBytes(new byte[] {-3, 1, 1, 1, 2, -1, 3, 0});
        byte[] file = TestFiles.small().image(2, 2, 16, new byte[0]).fragments(TestFiles.RLE, rle.toByteArray());
        assertThat(new DicomImage(Parser.parse(file)).samples(0)[0]).containsExactly(0x101, 0x102, 0x103, 0x103);
        refused(TestFiles.small().image(2, 2, 16, new byte[0]).fragments(TestFiles.RLE, Arrays.copyOf(rle.toByteArray(), 70)), ErrorCode.INVALID_INPUT,
                "cut short");
    }

    /** The example of ITU-T T.87 annex H.3. */
    @Test
    void readsTheJpegLsOfItsStandard() {
        byte[] stream = java.util.HexFormat.of().parseHex("ffd8fff7000b080004000401011100ffda0008010100000000"
                + "c000006c80208e01c00000574000006ee6000001bc18000005d800009160ffd9");
        byte[] file = TestFiles.small().image(4, 4, 8, new byte[0]).fragments("1.2.840.10008.1.2.4.80", stream);
        assertThat(new DicomImage(Parser.parse(file)).samples(0)[0]).containsExactly(0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145);
        for (int n = 0; n < stream.length - 2; n++) {
            refused(TestFiles.small().image(4, 4, 8, new byte[0]).fragments("1.2.840.10008.1.2.4.80", Arrays.copyOf(stream, n)), ErrorCode.INVALID_INPUT,
                    "");
        }
    }

    @Test
    void goesOverNestedSequencesOfAnyLength() {
        TestFiles inner = new TestFiles().text(0x00100010, "PN", "Secret^Inner");
        byte[] item = inner.content(true, false);
        ByteArrayOutputStream sequence = new ByteArrayOutputStream();
        sequence.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, 0, (byte) 0xe0, -1, -1, -1, -1});
        sequence.writeBytes(item);
        sequence.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, 0x0d, (byte) 0xe0, 0, 0, 0, 0});
        sequence.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, 0, (byte) 0xe0, (byte) item.length, 0, 0, 0});
        sequence.writeBytes(item);
        sequence.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, (byte) 0xdd, (byte) 0xe0, 0, 0, 0, 0});
        assertThat(picture(TestFiles.small().bytes(0x00081140, "SQ", sequence.toByteArray()).bytes(0x00091001, "UN", new byte[6]).explicit()).width())
                .isEqualTo(2);
        ByteArrayOutputStream deep = new ByteArrayOutputStream();
        for (int i = 0; i < 40; i++) {
            deep.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, 0, (byte) 0xe0, -1, -1, -1, -1, 8, 0, 0x40, 0x11, 'S', 'Q', 0, 0, -1, -1, -1, -1});
        }
        refused(TestFiles.small().bytes(0x00081140, "SQ", deep.toByteArray()).explicit(), ErrorCode.INVALID_INPUT, "deep");
    }

    @Test
    void refusesWhatLiesAndSaysWhy() {
        refused(TestFiles.small().word(Tags.ROWS, 65_535).word(Tags.COLUMNS, 65_535).explicit(), ErrorCode.INVALID_INPUT, "at most");
        refused(TestFiles.small().word(Tags.ROWS, 2_000).word(Tags.COLUMNS, 2_000).explicit(), ErrorCode.INVALID_INPUT, "want 4000000 bytes");
        refused(TestFiles.small().text(Tags.FRAMES, "IS", "100000").explicit(), ErrorCode.INVALID_INPUT, "100000 frames");
        refused(TestFiles.small().text(Tags.FRAMES, "IS", "Secret").explicit(), ErrorCode.INVALID_INPUT, "no decimal number");
        refused(TestFiles.small().without(Tags.ROWS).explicit(), ErrorCode.INVALID_INPUT, "rows and columns");
        refused(TestFiles.small().word(Tags.BITS_ALLOCATED, 32).explicit(), ErrorCode.UNSUPPORTED, "32 bits");
        refused(TestFiles.small().text(Tags.PHOTOMETRIC, "CS", "Secret").explicit(), ErrorCode.UNSUPPORTED, "not read");
        refused(TestFiles.small().without(Tags.PIXELS).explicit(), ErrorCode.UNSUPPORTED, "without an image");
        refused(TestFiles.small().without(Tags.PIXELS).bytes(Tags.WAVEFORMS, "OB", new byte[2]).explicit(), ErrorCode.UNSUPPORTED, "waveform");
        refused(TestFiles.small().without(Tags.PIXELS).text(Tags.MODALITY, "CS", "RTPLAN").explicit(), ErrorCode.UNSUPPORTED, "radiotherapy plan");
        refused(TestFiles.file("1.2.3.4.5", TestFiles.small().content(true, false)), ErrorCode.UNSUPPORTED, "transfer syntax 1.2.3.4.5");
        refused(TestFiles.small().word(Tags.ROWS, 4_000).word(Tags.COLUMNS, 4_000).fragments("1.2.840.10008.1.2.4.50", new byte[800]),
                ErrorCode.INVALID_INPUT, "can't hold them");
        refused(TestFiles.small().fragments("1.2.840.10008.1.2.4.80", new byte[8]), ErrorCode.INVALID_INPUT, "JPEG-LS");
        refused(TestFiles.small().fragments("1.2.840.10008.1.2.4.100", new byte[8]), ErrorCode.UNSUPPORTED, "1.2.840.10008.1.2.4.100");
        byte[] twice = TestFiles.small().content(true, false);
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(twice);
        both.writeBytes(twice);
        refused(TestFiles.file(Parser.EXPLICIT, both.toByteArray()), ErrorCode.INVALID_INPUT, "stands twice");
        for (String start : new String[] {"MZ", "\u007fELF", "%PDF-1.4", "PK", "<script>", "#!/bin/sh"}) {
            byte[] polyglot = TestFiles.small().explicit();
            System.arraycopy(start.getBytes(StandardCharsets.ISO_8859_1), 0, polyglot, 0, start.length());
            refused(polyglot, ErrorCode.INVALID_INPUT, "another kind of file");
        }
    }

    @Test
    void refusesEveryTruncation() {
        for (String syntax : PLAIN) {
            byte[] whole = TestFiles.small().as(syntax);
            for (int n = 0; n < whole.length; n++) {
                byte[] cut = Arrays.copyOf(whole, n);
                assertThatThrownBy(() -> decoder.decode(cut)).as("%s cut to %d of %d", syntax, n, whole.length).isInstanceOf(WhereforeException.class);
            }
        }
    }

    @Test
    void tellsNothingOfThePatientAndHashesUidsWithTheKeyOfTheHome(@TempDir Path home, @TempDir Path other) throws Exception {
        byte[] file = TestFiles.small().explicit();
        assertThat(decoder.decode(file).tags()).containsEntry("de-identified", "true").containsEntry("modality", "CR")
                .containsEntry("burned-in-text", "unknown");
        String first = new DicomDecoder(home).decode(file).tags().get("uid");
        assertThat(first).matches("2\\.25\\.\\d{30,39}").isEqualTo(new DicomDecoder(home).decode(file).tags().get("uid"))
                .isNotEqualTo(new DicomDecoder(other).decode(file).tags().get("uid"));
        assertThat(Files.size(home.resolve("secrets/dicom.key"))).isEqualTo(32);
        try (var secrets = Files.list(home.resolve("secrets"))) {
            assertThat(secrets).hasSize(1);
        }
        Files.write(home.resolve("secrets/dicom.key"), new byte[5]);
        assertThatThrownBy(() -> new DicomDecoder(home).decode(file)).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE));
    }

    @Test
    void theProfileIsTheStandardsAndLetsNothingElseThrough() {
        Profile p = Profile.basic();
        assertThat(p.action(0x00100010)).isEqualTo(Profile.Action.EMPTY);
        assertThat(p.action(0x00101040)).isEqualTo(Profile.Action.REMOVE);
        assertThat(p.action(Tags.SOP_INSTANCE)).isEqualTo(Profile.Action.HASH);
        assertThat(p.action(0x00120020)).isEqualTo(Profile.Action.DUMMY);
        assertThat(p.action(Tags.MODALITY)).isEqualTo(Profile.Action.KEEP);
        for (int tag : new int[] {0x00091001, 0x60003000, 0x50000010, 0x00990099}) {
            assertThat(p.action(tag)).isEqualTo(Profile.Action.REMOVE);
        }
        DataElements data = Parser.parse(TestFiles.small().text(0x00180015, "CS", "Secret Hospital^x").explicit());
        Pseudonyms names = new Pseudonyms(null);
        assertThat(p.value(data, 0x00100010, true, names)).isEmpty();
        assertThat(p.value(data, 0x00100030, true, names)).isEmpty();
        assertThat(p.value(data, 0x00180015, true, names)).as("free text in a code").isEmpty();
        assertThat(p.value(data, Tags.PATIENT_AGE, false, names)).isEmpty();
        assertThat(p.value(data, Tags.PATIENT_AGE, true, names)).isEqualTo("61");
        assertThat(p.value(Parser.parse(TestFiles.small().text(Tags.PATIENT_AGE, "AS", "097Y").explicit()), Tags.PATIENT_AGE, true, names)).isEqualTo("90");
        assertThat(p.value(data, Tags.PATIENT_SEX, true, names)).isEqualTo("F");
    }
}
