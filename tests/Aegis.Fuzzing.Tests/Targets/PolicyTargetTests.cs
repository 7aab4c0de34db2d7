using Aegis.Fuzzing.Targets;
using Aegis.Policies;

namespace Aegis.Fuzzing.Tests.Targets;

/// <summary>Documents that nobody has found yet are in <c>PolicyLoaderTests</c>, a million.</summary>
public class PolicyTargetTests
{
    [Fact]
    public void TheLawHoldsForEveryInputThatIsKept() => Inputs.Replay(new PolicyTarget(), "policy");

    [Fact]
    public void SomeSeedsArePoliciesAndSomeAreRefused()
    {
        var (read, refused) = (0, 0);
        Inputs.Replay(new PolicyTarget((text, format) =>
        {
            try
            {
                AegisPolicy.Parse(text, format);
                read++;
            }
            catch (PolicyException)
            {
                refused++;
            }
        }), "policy");
        Assert.True(read >= 3 && refused >= 3, $"{read} read, {refused} refused");
    }

    [Fact]
    public void AnotherExceptionIsNoticed() => Assert.Throws<KeyNotFoundException>(static () => new PolicyTarget(static (_, _) => throw new KeyNotFoundException()).Run([.. "8j{}"u8]));

    [Fact]
    public void ARefusalThatNamesNoMistakeIsNoticed() => Assert.Equal(Inputs.Seeds("policy").Count, Inputs.Broken(new PolicyTarget(static (_, _) => throw new PolicyException([])), "policy"));
}
