namespace Aegis;

/// <summary>Gives a guard a classifier from a file.</summary>
public static class AegisBuilderOnnxExtensions
{
    /// <summary>Loads a model that judges texts after the scanner, while the policy has one. It lives as long as the guard; to dispose of it yourself, give <see cref="OnnxClassifier.Load"/>'s to <see cref="AegisBuilder.AddClassifier"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">Which model, and how.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="OnnxClassifierException">The options or the files have mistakes.</exception>
    public static AegisBuilder AddOnnxClassifier(this AegisBuilder builder, OnnxClassifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddClassifier(OnnxClassifier.Load(options));
    }
}
