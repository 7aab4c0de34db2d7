using Aegis.Policies;

namespace Aegis.Fuzzing.Targets;

/// <summary>
/// Documents of policies, JSON or YAML. Law: what comes out is a policy, or a <see cref="PolicyException"/> that names a mistake and where it stands; no other exception.
/// </summary>
/// <param name="parse">What is read by.</param>
internal sealed class PolicyTarget(Action<string, PolicyFormat> parse) : IFuzzTarget
{
    public PolicyTarget()
        : this(static (text, format) => AegisPolicy.Parse(text, format))
    {
    }

    public void Run(byte[] input)
    {
        var reader = new FuzzInput(input);
        var format = (reader.Next() & 1) == 0 ? PolicyFormat.Json : PolicyFormat.Yaml;   // 'j' or 'y'
        try
        {
            parse(reader.Text(), format);
        }
        catch (PolicyException e)
        {
            LawBrokenException.Unless(e.Errors.Count > 0, "It is refused, and no mistake is named");
            LawBrokenException.Unless(e.Errors.All(static error => error.Path.Length > 0 && error.Code.Length > 0), "A mistake has no place or no code");
        }
    }
}
