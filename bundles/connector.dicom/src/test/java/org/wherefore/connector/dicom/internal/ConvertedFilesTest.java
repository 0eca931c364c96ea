package org.wherefore.connector.dicom.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files in other transfer syntaxes, as dcmtk converts them: the same samples. Skipped where it is not installed. */
class ConvertedFilesTest {
    private static final List<String> FILES = List.of("CT_small.dcm", "MR_small.dcm", "SC_rgb_jpeg_dcmd.dcm", "examples_overlay.dcm", "liver_1frame.dcm");
    /** A command, its options, and what its result is converted back by where the conversion loses something. */
    private static final String[][] CONVERSIONS = {{"dcmconv +tb"}, {"dcmconv +ti"}, {"dcmconv +td"}, {"dcmcrle"}, {"dcmcjpeg +e1"}, {"dcmcjpeg +el +sv 6"},
        {"dcmcjpls +el +il"}, {"dcmcjpls +el +is"}, {"dcmcjpls +en +md 3", "dcmdjpls"}, {"dcmcjpeg +ee", "dcmdjpeg"}, {"dcmcjpeg +eb", "dcmdjpeg"}};

    private static boolean run(String command, Path from, Path to) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.add(from.toString());
        words.add(to.toString());
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0 && Files.exists(to);
    }

    private static int[][] samples(Path file) throws IOException {
        return new DicomImage(Parser.parse(Files.readAllBytes(file))).samples(0);
    }

    @Test
    void haveTheSameSamples(@TempDir Path folder) throws Exception {
        Path data = TestFiles.data();
        Assumptions.assumeTrue(Files.isDirectory(data), "skipped: no " + data + "; set WHEREFORE_DATA");
        List<String> done = new ArrayList<>();
        for (String file : FILES) {
            for (String[] conversion : CONVERSIONS) {
                // Its lossy compression of signed or coloured samples changes what they mean; colours come back smoothed.
                boolean lossy = conversion.length == 2;
                if (lossy && !file.equals("examples_overlay.dcm")) {
                    continue;
                }
                Path to = folder.resolve(file + "." + conversion[0].replaceAll("[ +]", "") + ".dcm");
                try {
                    if (!run(conversion[0], data.resolve(file), to)) {
                        continue;
                    }
                    Path wanted = lossy ? Path.of(to + ".back") : data.resolve(file);
                    if (lossy && !run(conversion[1], to, wanted)) {
                        continue;
                    }
                    int[][] got = samples(to);
                    int[][] expected = samples(wanted);
                    int most = 0;
                    for (int c = 0; c < got.length; c++) {
                        for (int i = 0; i < got[c].length; i++) {
                            most = Math.max(most, Math.abs(got[c][i] - expected[c][i]));
                        }
                    }
                    assertThat(most).as("%s by %s: greatest difference of a sample", file, conversion[0])
                            .isLessThanOrEqualTo(conversion[0].startsWith("dcmcjpeg +e") && lossy ? 1 : 0);
                    done.add(conversion[0]);
                } catch (IOException e) {
                    Assumptions.assumeTrue(Files.exists(to), "skipped: " + conversion[0].split(" ")[0] + " of dcmtk is not installed");
                    throw e;
                }
            }
        }
        System.out.println("dicom: " + done.size() + " conversions by dcmtk read right");
        assertThat(done).contains("dcmconv +tb", "dcmconv +ti", "dcmconv +td", "dcmcrle", "dcmcjpeg +e1", "dcmcjpls +el +il", "dcmcjpls +el +is", "dcmcjpeg +ee");
    }
}
