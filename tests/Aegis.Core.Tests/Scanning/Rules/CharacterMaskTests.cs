using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

public class CharacterMaskTests
{
    [Theory]
    [InlineData("a", "a", "b \né")]
    [InlineData(" ", " \n", "a")]      // a keyword's blank may be a line break
    [InlineData(@"[^.\n]", " aé", ".\n")]
    [InlineData(@"\s", " \n\t", "aé")]
    [InlineData(@"\w", "a0_é", " .-")]
    [InlineData(@"[a-c\d]", "ab3", "d ")]
    [InlineData("[^.]", "a\né ", ".")]
    [InlineData(".", "a é", "\n")]
    public void ItSaysWhichCharactersAPartReads(string pattern, string read, string others)
    {
        var mask = CharacterMask.Of(Pattern.Parse(pattern).Root);

        Assert.All(read, c => Assert.True(mask.Has(c)));
        Assert.DoesNotContain(others, mask.Has);
    }

    [Theory]
    [InlineData("[.-]", "")]
    [InlineData("[a1.]", "ai")]
    [InlineData("[^a]", "abcé")]
    [InlineData(@"\d", "abcé")]
    public void InLettersAloneDigitsAreLettersAndPunctuationIsNothing(string pattern, string read)
    {
        var mask = CharacterMask.OfLoose(Pattern.Parse(pattern).Root);

        Assert.All(read, c => Assert.True(mask.Has(c)));
        Assert.Equal(read.Length > 2, "bcé".All(mask.Has));
    }
}
