namespace Aegis.Policies;

/// <summary>Where secrets that a policy refers to come from: <c>${env:NAME}</c> is a variable of the environment, <c>${config:PATH}</c> a value of the app's configuration.</summary>
/// <param name="environment">A variable's value; null: it is not set.</param>
/// <param name="configuration">A key's value; null: there is no configuration.</param>
internal sealed class SecretSource(Func<string, string?> environment, Func<string, string?>? configuration)
{
    private const string Environment = "${env:";
    private const string Configuration = "${config:";

    /// <summary>The environment alone.</summary>
    public static SecretSource Default { get; } = new(System.Environment.GetEnvironmentVariable, null);

    /// <summary>Whether a text refers to a secret and is none.</summary>
    public static bool IsReference(string text) => text.EndsWith('}') && ((text.StartsWith(Environment, StringComparison.Ordinal) && text.Length > Environment.Length + 1) || (text.StartsWith(Configuration, StringComparison.Ordinal) && text.Length > Configuration.Length + 1));

    /// <summary>The secret.</summary>
    /// <param name="text">A reference, or the secret itself.</param>
    /// <param name="mistake">Why there is none, without a word of it.</param>
    public string? Find(string text, out string? mistake)
    {
        mistake = null;
        if (!IsReference(text))
        {
            return text;
        }

        var isEnvironment = text.StartsWith(Environment, StringComparison.Ordinal);
        var name = text[(isEnvironment ? Environment : Configuration).Length..^1];
        var value = isEnvironment ? environment(name) : configuration?.Invoke(name);
        if (!string.IsNullOrEmpty(value))
        {
            return value;
        }

        mistake = isEnvironment ? $"names a variable of the environment, {name}, that is not set or empty. Set it before the app starts."
            : configuration is null ? "names a key of the configuration, and there is none here. Use ${env:NAME}, or services.AddAegis in an app with an IConfiguration."
            : $"names a key, {name}, that the configuration does not have. Set it, for example as a user secret.";
        return null;
    }
}
