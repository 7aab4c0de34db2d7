using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools;

public class GlobIndexTests
{
    private static readonly Gen<string> Globs = Gen.Char["ab*?_-.A\u0430"].Array[1, 5].Select(static chars => new string(chars));
    private static readonly Gen<string> Names = Gen.Char["ab_-.A\u0430"].Array[1, 5].Select(static chars => new string(chars));

    [Fact]
    public void TheIndexFindsWhatLookingAtEachWouldFind() => Gen.Select(Globs.Array[0, 8], Names, Names).Sample(static (globs, first, second) =>
    {
        var (index, all, name, local) = (new GlobIndex(globs), globs.Select(static glob => new Glob(glob)).ToList(), ToolName.Of(first), ToolName.Of(second));
        bool Restricts(Glob glob) => glob.MatchesSkeleton(name) || glob.MatchesSkeleton(local);
        Assert.Equal(all.Find(glob => glob.MatchesPlain(name))?.Text, index.FirstPlain(name)?.Text);
        Assert.Equal(all.Find(Restricts)?.Text, index.FirstRestricting(name, local)?.Text);
        Assert.Equal(all.Index().Where(glob => Restricts(glob.Item)).Select(static glob => glob.Index), index.AllRestricting(name, local));
    }, iter: 50_000);
}
