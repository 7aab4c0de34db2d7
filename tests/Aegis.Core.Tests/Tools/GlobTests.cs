using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools;

public class GlobTests
{
    private static readonly Gen<string> Patterns = Gen.Char["aab*?"].Array[0, 9].Select(static chars => new string(chars));
    private static readonly Gen<string> Names = Gen.Char["ab"].Array[1, 9].Select(static chars => new string(chars));

    [Fact]
    public void AGlobMatchesWhatItsDefinitionSays() => Gen.Select(Patterns, Names).Sample(static (pattern, name) =>
    {
        var (glob, tool) = (new Glob(pattern), ToolName.Of(name));
        Assert.Equal(Matches(pattern, name), glob.MatchesPlain(tool));
        Assert.Equal(Matches(pattern, name), glob.MatchesSkeleton(tool));
        Assert.Equal(!pattern.Contains('*') && !pattern.Contains('?'), glob.IsExact);
        Assert.Equal(pattern.Count(static c => c is 'a' or 'b'), glob.Literals);
    }, iter: 50_000);

    [Theory]
    [InlineData("delete_*", "DELETE_FILE", true)]
    [InlineData("*_admin", "user_ADMIN", true)]
    [InlineData("*", "anything at all", true)]
    [InlineData("send_?", "send_", false)]
    [InlineData("mcp:server/*", "mcp:server/tool", true)]
    [InlineData("a*b*c*d*e", "aXXbXXcXXdXX", false)]
    [InlineData("read.file", "readxfile", false)]
    [InlineData("r+", "rr", false)]
    [InlineData("read.file", "read_file", true)]       // frameworks join a plugin and its function with different separators
    [InlineData("Files-read_*", "Files_read_page", true)]
    [InlineData("delete_*", "delete-file", true)]
    [InlineData("read_file", "readfile", false)]
    public void CaseDoesNotCountAndOnlyStarAndQuestionMarkAreSpecial(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new Glob(pattern).MatchesPlain(ToolName.Of(name)));

    [Theory]
    [InlineData("read_file", "read_f\u0456le")]       // Cyrillic і
    [InlineData("read_file", "\uFF52ead_file")]       // full-width r
    [InlineData("read_file", "read\u200B_file")]      // zero width
    [InlineData("delete_*", "d\u0435l\u0435te_x")]
    [InlineData("delete_*", "de\u0301lete_x")]
    public void DenialsMatchLookAlikesAndPermissionsDoNot(string pattern, string name)
    {
        var (glob, tool) = (new Glob(pattern), ToolName.Of(name));

        Assert.True(glob.MatchesSkeleton(tool));
        Assert.False(glob.MatchesPlain(tool));
    }

    [Fact]
    public void ADenialWrittenWithALookAlikeStillMatchesTheRealName() => Assert.True(new Glob("read_f\u0456le").MatchesSkeleton(ToolName.Of("read_file")));

    [Fact]
    public void ManyStarsDoNotExplode()
    {
        var glob = new Glob(string.Concat(Enumerable.Repeat("*a", 100)) + "b");

        Assert.False(glob.MatchesPlain(ToolName.Of(new string('a', ToolName.MaxLength))));
    }

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty)
        {
            return name.IsEmpty;
        }

        if (pattern[0] == '*')
        {
            return Matches(pattern[1..], name) || (!name.IsEmpty && Matches(pattern, name[1..]));
        }

        return !name.IsEmpty && (pattern[0] == '?' || pattern[0] == name[0]) && Matches(pattern[1..], name[1..]);
    }
}
