package org.wherefore.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.train.StrategyComparison;

/** The comparison as people read it: table, ranking, JSON and picture. */
class StrategyTableTest {
    private final double[] shares = {0, 0.5, 1};

    @Test
    void theTableRanksAndSaysWhyAStrategyIsNotInIt() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StrategyTable.print(comparison(2), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(0)).startsWith("strategy").contains("deletion", "infidelity", "ms");
        assertThat(lines.get(1)).startsWith("s0").contains("0.100", "0.25");
        assertThat(lines.get(3)).startsWith("gradients").contains("-");
        assertThat(lines.subList(0, 4)).extracting(String::length).containsOnly(lines.get(0).length());
        assertThat(lines).contains("gradients: needs <gradients> & more", "ranking: s0, s1");
    }

    @Test
    void theJsonHasFiguresAndCurves() {
        var json = StrategyTable.json(comparison(1));
        assertThat(json.at("/strategies/0/deletion").asDouble()).isEqualTo(0.1);
        assertThat(json.at("/strategies/0/curves/deletion/1").asDouble()).isEqualTo(-0.25);
        assertThat(json.at("/strategies/1/reason").asText()).contains("gradients");
        assertThat(json.at("/strategies/1/curves").isMissingNode()).isTrue();
    }

    @Test
    void thePictureHasEveryCurveInsideItsPanelAndEveryNameInItsLegend() throws Exception {
        for (int strategies : new int[] {0, 1, 9, 23}) {
            String svg = CurvePlot.svg(comparison(strategies));
            Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8))).getDocumentElement();
            double width = Double.parseDouble(root.getAttribute("width"));
            double height = Double.parseDouble(root.getAttribute("height"));
            NodeList curves = root.getElementsByTagName("polyline");
            assertThat(curves.getLength()).isEqualTo(strategies == 0 ? 0 : 2 * (strategies + 1));
            for (int i = 0; i < curves.getLength(); i++) {
                for (String point : ((Element) curves.item(i)).getAttribute("points").split(" ")) {
                    assertThat(Double.parseDouble(point.split(",")[0])).isBetween(0.0, width);
                    assertThat(Double.parseDouble(point.split(",")[1])).isBetween(64.0, 364.0);
                }
            }
            NodeList texts = root.getElementsByTagName("text");
            List<String> all = new ArrayList<>();
            for (int i = 0; i < texts.getLength(); i++) {
                all.add(texts.item(i).getTextContent());
                if (((Element) texts.item(i)).hasAttribute("y")) {
                    assertThat(Double.parseDouble(((Element) texts.item(i)).getAttribute("y"))).isBetween(0.0, height);
                }
            }
            for (int i = 0; i < strategies; i++) {
                assertThat(all).contains("s" + i + "  0.100 / 0.900");
            }
        }
    }

    private StrategyComparison comparison(int strategies) {
        List<StrategyComparison.Row> rows = new ArrayList<>();
        for (int i = 0; i < strategies; i++) {
            rows.add(new StrategyComparison.Row("s" + i, "1.0.0", "", Map.of(StrategyComparison.DELETION, 0.1, StrategyComparison.INSERTION, 0.9,
                    StrategyComparison.PLACE, 1.0 + i, StrategyComparison.MILLIS, 0.25, StrategyComparison.EXPLAINED, 20.0),
                    new StrategyComparison.Curves(shares, new double[] {1, -0.25, 0}, new double[] {0, 1.3, 1}, new double[] {1, 0.5, 0})));
        }
        rows.add(new StrategyComparison.Row("gradients", "1.0.0", "needs <gradients> & more", Map.of(), null));
        return new StrategyComparison(new ModelInfo("shop", 1, "toy", "sha256:0"), 3, rows);
    }
}
