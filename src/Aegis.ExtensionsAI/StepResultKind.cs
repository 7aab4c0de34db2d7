namespace Aegis.ExtensionsAI;

/// <summary>What happens next with a model response.</summary>
internal enum StepResultKind
{
    /// <summary>It leaves, with its calls.</summary>
    Release,

    /// <summary>It leaves, with questions in place of its calls.</summary>
    AskPeople,

    /// <summary>Its calls were answered; the model is asked again.</summary>
    Again,

    /// <summary>It leaves without its calls, and the run is over.</summary>
    LastWord,

    /// <summary>The app sees a refusal.</summary>
    Refuse,
}
