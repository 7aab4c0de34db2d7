using System.Text;
using Aegis.Tools.Arguments;

namespace Aegis.Core.Tests.Tools.Arguments;

public class LookAlikeMarksTests
{
    [Fact]
    public void EveryCharacterThatNormalisationMakesAMarkStandsInTheTables()
    {
        Assert.True(LookAlikeMarks.CanNormalize);
        for (var value = 0x80; value <= 0x10FFFF; value++)
        {
            if (Rune.TryCreate(value, out var rune) && LookAlikeMarks.IsText(rune.ToString()) && rune.ToString().Normalize(NormalizationForm.FormKC) is var folded)
            {
                Assert.True(LookAlikeMarks.IsOfPath(rune) || !folded.Any("/\\.:%".Contains), $"{value:X}");
                Assert.True(LookAlikeMarks.IsOfShell(rune) || !folded.Any(";|&<>$`\"'\\".Contains), $"{value:X}");
            }
        }
    }
}
