import { type ComponentProps, useId } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { Field, FieldDescription, FieldError, FieldLabel } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

interface TextFieldProps<Values extends FieldValues>
  extends Omit<ComponentProps<typeof Input>, "form" | "name"> {
  // What the form makes of the values when it is sent is no concern of a field.
  form: Pick<UseFormReturn<Values>, "register" | "getFieldState" | "formState">;
  name: FieldPath<Values>;
  label: string;
  hint?: string;
}

/** An input of a form with its label, a hint, and what is wrong with what was entered. */
export function TextField<Values extends FieldValues>(props: TextFieldProps<Values>) {
  const { form, name, label, hint, ...input } = props;
  const id = useId();
  const { error } = form.getFieldState(name, form.formState);
  const describedBy = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <Field>
      <FieldLabel htmlFor={id}>{label}</FieldLabel>
      <Input
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy}
        {...input}
        {...form.register(name)}
      />
      {error ? (
        <FieldError id={`${id}-error`}>{error.message}</FieldError>
      ) : (
        hint && <FieldDescription id={`${id}-hint`}>{hint}</FieldDescription>
      )}
    </Field>
  );
}
