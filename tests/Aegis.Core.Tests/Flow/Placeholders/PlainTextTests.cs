using Aegis.Flow.Placeholders;

namespace Aegis.Core.Tests.Flow.Placeholders;

public class PlainTextTests
{
    [Theory]
    [InlineData("P", false)]
    [InlineData("Write to P, please. Or see https://x.example/a", false)]
    [InlineData("Email:P", false)]
    [InlineData("Hotel:P", false)]
    [InlineData("Is it P?", false)]
    [InlineData("Mira <P>", false)]
    [InlineData("https://x.example/?q=P", true)]
    [InlineData("HTTPS://P@x.example", true)]
    [InlineData("(//x.example/P)", true)]
    [InlineData("\\\\x\\P", true)]
    [InlineData("www.x.example?P", true)]
    [InlineData("x.example/P", true)]
    [InlineData("mailto:P", true)]
    [InlineData("P,https://x.example", true)]
    public void AValueStandsInWordsAndInNoAddress(string text, bool isInAddress)
    {
        var at = text.IndexOf('P', text.StartsWith("HTTPS", StringComparison.Ordinal) ? 6 : 0);
        Assert.Equal(isInAddress, PlainText.IsInAddress(text, new(at, at + 1)));
    }

    [Fact]
    public void WhereNoWhiteSpaceIsNearItMayBeAnAddress()
    {
        var far = new string('x', 3_000);
        Assert.True(PlainText.IsInAddress($"{far}P", new(3_000, 3_001)));
        Assert.True(PlainText.IsInAddress($"P{far}", new(0, 1)));
        Assert.False(PlainText.IsInAddress($"{far} P {far}", new(3_001, 3_002)));
    }

    [Theory]
    [InlineData("a < b > c", false)]
    [InlineData("Mira <[EMAIL-bcdfghjklmnp]>", false)]
    [InlineData("[EMAIL-bcdfghjklmnp]: urgent", false)]
    [InlineData("<b>x</b>", true)]
    [InlineData("x</b>", true)]
    [InlineData("<!-- x", true)]
    [InlineData("[x](y)", true)]
    [InlineData("![x][y]", true)]
    public void MarkupIsATagOrALink(string text, bool hasMarkup) => Assert.Equal(hasMarkup, PlainText.HasMarkup(text));
}
