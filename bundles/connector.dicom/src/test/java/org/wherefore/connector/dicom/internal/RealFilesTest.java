package org.wherefore.connector.dicom.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.spi.ImageDecoder.Decoded;

/** The real files beside the project: each is read rightly or refused with a reason, and no damage to them does harm. */
class RealFilesTest {
    /**
     * Figures of the first frame's stored samples, channel by channel, as pydicom 3.0 with Pillow 12.3 decodes them (sum, least, greatest, CRC-32 of
     * them as little endian words); of GDCMJ2K_TextGBR as OpenJPEG 2.5 does. The two with a tolerance are lossy: dcmtk 3.6.7 and Pillow
     * round 1,683 and 20 samples of 262,144 otherwise, each by one.
     */
    private static final Map<String, long[]> FACTS = new LinkedHashMap<>();

    static {
        FACTS.put("693_J2KI.dcm", new long[] {-2181784, -2971, 2836, 0x6bd7b3a9L});
        FACTS.put("CT_small.dcm", new long[] {14826310, 128, 2191, 0xcdba394eL});
        FACTS.put("GDCMJ2K_TextGBR.dcm", new long[] {59729223, 0, 255, 0x1c2f264eL});
        FACTS.put("J2K_pixelrep_mismatch.dcm", new long[] {-172605258, -2000, 1896, 0xc568559aL});
        FACTS.put("JPEG-lossy.dcm", new long[] {3767007, 0, 264});
        FACTS.put("JPEG2000.dcm", new long[] {3527976, -30, 245});
        FACTS.put("MR_small.dcm", new long[] {2125338, 127, 2145, 0x8ea45d32L});
        FACTS.put("SC_rgb_jpeg_dcmd.dcm", new long[] {47966767, 134, 252, 0xb634e179L});
        FACTS.put("examples_jpeg2k.dcm", new long[] {31821736, 0, 255, 0x604050a9L});
        FACTS.put("examples_overlay.dcm", new long[] {27833052, 0, 1123, 0x9be446d4L});
        FACTS.put("liver_1frame.dcm", new long[] {36233, 0, 1, 0xebdd4f5aL});
    }

    private static final Map<String, String> REFUSED = Map.of("nested_priv_SQ.dcm", "rows and columns", "rtplan.dcm", "radiotherapy plan",
            "waveform_ecg.dcm", "waveform");
    private final DicomDecoder decoder = new DicomDecoder((Path) null);
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    @BeforeEach
    void find() throws Exception {
        Path folder = TestFiles.data();
        Assumptions.assumeTrue(Files.isDirectory(folder), "skipped: no " + folder + "; set WHEREFORE_DATA");
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(p -> p.toString().endsWith(".dcm")).sorted().toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }

    @Test
    void readsEachRightlyOrSaysWhyNot() {
        StringBuilder table = new StringBuilder("dicom files:\n");
        files.forEach((name, bytes) -> {
            String what;
            try {
                Decoded decoded = decoder.decode(bytes);
                what = decoded.picture() + " " + decoded.tags();
                int[][] samples = new DicomImage(Parser.parse(bytes)).samples(0);
                long[] facts = FACTS.get(name);
                assertThat(facts).as("%s is not among the known files", name).isNotNull();
                ByteBuffer words = ByteBuffer.allocate(4 * samples.length * samples[0].length).order(ByteOrder.LITTLE_ENDIAN);
                long sum = 0;
                int least = Integer.MAX_VALUE;
                int greatest = Integer.MIN_VALUE;
                for (int[] channel : samples) {
                    for (int v : channel) {
                        words.putInt(v);
                        sum += v;
                        least = Math.min(least, v);
                        greatest = Math.max(greatest, v);
                    }
                }
                CRC32 crc = new CRC32();
                crc.update(words.array());
                assertThat(new long[] {least, greatest}).as(name).containsExactly(facts[1], facts[2]);
                if (facts.length == 4) {
                    assertThat(new long[] {sum, crc.getValue()}).as(name).containsExactly(facts[0], facts[3]);
                } else {
                    assertThat(Math.abs(sum - facts[0])).as(name).isLessThan(300);
                }
            } catch (WhereforeException e) {
                what = "refused: " + e.code() + " " + e.getMessage();
                assertThat(REFUSED).as(what).containsKey(name);
                assertThat(e.getMessage()).contains(REFUSED.get(name));
            }
            table.append(String.format("  %-28s %s%n", name, what));
        });
        System.out.print(table);
        assertThat(files.keySet()).containsAll(FACTS.keySet()).containsAll(REFUSED.keySet());
    }

    @Test
    void nothingThatComesOutIsATextOfThePatient() {
        int texts = 0;
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            DataElements data = Parser.parse(file.getValue());
            TreeSet<String> secrets = new TreeSet<>();
            data.elements().forEach((tag, e) -> {
                Profile.Action action = Profile.basic().action(tag);
                String text = e.length() > 3 && e.length() < 200 && !e.vr().equals("SQ") && tag != Tags.PIXELS ? data.text(tag) : "";
                if (action != Profile.Action.KEEP && text.length() > 3 && text.matches("[ -~]+")) {
                    secrets.add(text);
                }
            });
            // The same words may stand in an element that is kept.
            data.elements().keySet().stream().filter(t -> Profile.basic().action(t) == Profile.Action.KEEP).forEach(t -> secrets.remove(data.text(t)));
            // What the reader says of a picture uses these words itself.
            secrets.removeIf(s -> Stream.of(DicomImage.class.getName(), "MONOCHROME2", "DERIVED", "MONOCHROME1", "YBR_RCT").anyMatch(w -> w.contains(s)));
            texts += secrets.size();
            StringBuilder out = new StringBuilder();
            try {
                Decoded decoded = decoder.decode(file.getValue());
                out.append(decoded.tags());
            } catch (WhereforeException e) {
                out.append(e.getMessage());
            }
            for (int tag : data.elements().keySet()) {
                out.append('\n').append(Profile.basic().value(data, tag, false, new Pseudonyms(null)));
            }
            for (String secret : secrets) {
                boolean number = secret.matches("[0-9.\\\\ +-]+");
                if (!number || secret.length() > 8) {
                    assertThat(out.toString()).as("%s: what comes out", file.getKey()).doesNotContain(secret);
                }
            }
        }
        System.out.println("dicom: " + texts + " texts of " + files.size() + " files, none of which comes out");
        assertThat(texts).isGreaterThan(200);
    }

    /** Flipped bits, cuts, lengths that lie, chunks that stand twice or elsewhere, by a seed. */
    @Test
    void noMutationDoesHarm() throws Exception {
        int count = Integer.getInteger("wherefore.fuzz", 2_000);
        List<String> names = new ArrayList<>(files.keySet());
        AtomicLong decoded = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        AtomicLong slowest = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> harm = new ArrayList<>();
        int workers = 2;
        for (int w = 0; w < workers; w++) {
            int worker = w;
            Thread t = new Thread(() -> {
                for (int n = worker; n < count; n += workers) {
                    Random random = new Random(n);
                    String name = names.get(random.nextInt(names.size()));
                    // The large compressed ones take a quarter of a second each: they come less often.
                    if (files.get(name).length > 100_000 && random.nextInt(8) != 0) {
                        name = names.get(random.nextInt(names.size()));
                    }
                    byte[] mutant = mutant(files.get(name), random);
                    long start = System.nanoTime();
                    try {
                        decoder.decode(mutant);
                        decoded.incrementAndGet();
                    } catch (WhereforeException e) {
                        if (e.code() != ErrorCode.INVALID_INPUT && e.code() != ErrorCode.UNSUPPORTED) {
                            throw e;
                        }
                        refused.incrementAndGet();
                    } catch (Throwable e) {
                        synchronized (harm) {
                            harm.add(new AssertionError("mutation " + n + " of " + name, e));
                        }
                    }
                    long took = System.nanoTime() - start;
                    slowest.accumulateAndGet(took, Math::max);
                }
            }, "fuzz-" + w);
            t.start();
            threads.add(t);
        }
        for (Thread t : threads) {
            t.join();
        }
        System.out.printf("dicom fuzz: %,d mutations, %,d decoded, %,d refused, %d crashed, slowest %d ms, heap limit %d MiB%n", count, decoded.get(),
                refused.get(), harm.size(), slowest.get() / 1_000_000, Runtime.getRuntime().maxMemory() >> 20);
        harm.stream().limit(5).forEach(Throwable::printStackTrace);
        assertThat(harm).isEmpty();
        assertThat(decoded.get() + refused.get()).isEqualTo(count);
    }

    private static byte[] mutant(byte[] original, Random random) {
        byte[] m = original.clone();
        int rounds = 1 + random.nextInt(4);
        for (int r = 0; r < rounds && m.length > 16; r++) {
            // Half of the damage is done to the first 2,000 bytes, where the headers are.
            int at = random.nextInt(random.nextBoolean() ? m.length : Math.min(m.length, 2_000));
            switch (random.nextInt(7)) {
                case 0 -> m[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> m[at] = (byte) random.nextInt(256);
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        m = java.util.Arrays.copyOf(m, at + 1);
                    }
                }
                case 3 -> {
                    int[] lies = {0, -1, 0x7fffffff, 0x80000000, 1, m.length, random.nextInt()};
                    int lie = lies[random.nextInt(lies.length)];
                    for (int i = 0; i < 4 && at + i < m.length; i++) {
                        m[at + i] = (byte) (lie >> 8 * i);
                    }
                }
                case 4 -> {
                    int length = random.nextInt(Math.min(200, m.length - at));
                    byte[] more = new byte[m.length + length];
                    System.arraycopy(m, 0, more, 0, at + length);
                    System.arraycopy(m, at, more, at + length, m.length - at);
                    m = more;
                }
                case 5 -> {
                    int length = random.nextInt(Math.min(100, m.length - at));
                    int to = random.nextInt(m.length - length);
                    System.arraycopy(m, at, m, to, length);
                }
                default -> {
                    byte[] words = {0, -1, 127, -128};
                    for (int i = 0; i < 2 && at + i < m.length; i++) {
                        m[at + i] = words[random.nextInt(words.length)];
                    }
                }
            }
        }
        return m;
    }
}
