using Aegis.Scanning.Classifying;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Classifying;

public class RiskCurveTests
{
    private static readonly RiskCurve Curve = new([(-10, 0.1), (0, 0.5), (20, 0.9)]);

    [Theory]
    [InlineData(int.MinValue, 0.1)]
    [InlineData(-10, 0.1)]
    [InlineData(-5, 0.3)]
    [InlineData(0, 0.5)]
    [InlineData(5, 0.6)]
    [InlineData(20, 0.9)]
    [InlineData(int.MaxValue, 0.9)]
    public void ItIsStraightBetweenItsPoints(int score, double risk) => Assert.Equal(risk, Curve.Of(score), 10);

    [Fact]
    public void ItNeverFalls() => Gen.Select(Gen.Int[-20, 30], Gen.Int[-20, 30]).Sample(static (a, b) => Assert.True(Curve.Of(Math.Min(a, b)) <= Curve.Of(Math.Max(a, b))));
}
